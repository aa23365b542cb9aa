"""Cross-validation, grid search and successive halving, as scikit-learn's users write them."""

from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.model_selection import GridSearchCV, HalvingGridSearchCV, cross_val_score

from core.tuning.estimator import Exhibit, Tell, folds, training_images

images, labels = training_images("digits")
cv = folds("digits", 3)  # stratified; the same as Tune's
exhibit = Exhibit("sklearn_scikeras", dataset="digits", architecture="tiny-mlp", epochs=2, batch_size=50)
grid = {"learning_rate": [0.001, 0.01]}

print(cross_val_score(exhibit, images, labels, cv=cv))
search = GridSearchCV(exhibit, grid, cv=cv).set_callbacks(Tell()).fit(images, labels)
print(search.best_params_, search.cv_results_["mean_test_score"])
halving = HalvingGridSearchCV(exhibit, grid, cv=cv, resource="epochs", max_resources=2, factor=2)
print(halving.fit(images, labels).best_params_, halving.best_score_)
