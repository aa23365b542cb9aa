"""What the tests share: a server and a browser, made runs and models, a small MNIST, a probe for exhibits."""
