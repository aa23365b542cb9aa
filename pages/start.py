"""Start: what this is, the newest results, the data, and where to go."""

import streamlit as st

from core import frameworks
from core.charts import overview
from core.charts.figure import alt
from core.data.catalogue import DatasetError
from core.words import listed, number_word
from pages.components import shell, trouble
from pages.components.data.samples import available_dataset, look_at, mosaic
from pages.components.newest import newest_results
from pages.components.shared import file_problems

known = frameworks.names()
shell.heading("Digit Derby", f"One network, {number_word(len(known))} frameworks, one fair race.")
st.markdown(
    "The same small convolutional network learns to read handwritten digits in "
    f"{listed([f'**{frameworks.title(name)}**' for name in known])}: same data, same batches, same first "
    "weights, same clock. Watch them train, compare what they reach and what they cost, then draw a digit "
    "and let every model guess."
)
with st.container(horizontal=True):
    shell.page_link("train", "Start a race")
    shell.page_link("compare", "Compare the results")
    shell.page_link("draw", "Draw a digit")

results, data = st.columns(2, gap="large")
with results:
    st.header("Newest results", anchor=False)
    newest = newest_results()
    if newest is None:
        st.info("No race has finished yet. Start one: on the built-in digits it takes about a minute.")
        shell.page_link("train", "Race on the built-in digits", dataset="digits")
    else:
        st.caption(newest.caption)
        titles = {row["framework"]: frameworks.title(row["framework"]) for row in newest.rows}
        figure = overview.accuracy_and_time(newest.rows, titles)
        figure["layout"]["height"] = 300
        st.plotly_chart(
            figure,
            width="stretch",
            config={"displayModeBar": False},
            key=shell.key_in_theme("newest"),
            alt=alt(figure),
        )
        busy = [row for row in newest.rows if row["busy"] is True and row["learned"] is not False]
        trouble.busy_note([row["run"] for row in busy], [titles[row["framework"]] for row in busy])
        if lost := [titles[row["framework"]] for row in newest.rows if row["learned"] is False]:
            st.markdown(f"**Did not learn:** {listed(list(dict.fromkeys(lost)))}.")
        with st.expander("The same in numbers"):
            st.dataframe(newest.table(titles), hide_index=True, width="stretch")
        shell.page_link("compare", "Compare these runs", runs=",".join(newest.runs))

with data:
    dataset = available_dataset()
    try:
        look = look_at(dataset)
    except DatasetError as error:
        st.header("The data", anchor=False)
        st.error(str(error))
        st.stop()
    total, test = int(look.train_counts.sum()), int(look.test_counts.sum())
    st.header(f"The data: {look.title}", anchor=False)
    st.caption(f"{total:,} training and {test:,} test images, 28 × 28 pixels, written by hand")
    st.image(mosaic(look.samples[:, :5].swapaxes(0, 1)), width="stretch", alt="Five examples of each class")
    figure = overview.class_counts(look.class_names, look.train_counts.tolist(), look.test_counts.tolist())
    figure["layout"]["height"] = 190
    st.plotly_chart(
        figure,
        width="stretch",
        config={"displayModeBar": False},
        key=shell.key_in_theme("counts"),
        alt=alt(figure),
    )
    if dataset != "mnist" and file_problems("mnist"):
        st.caption("MNIST is not on this machine yet; the Train page can download it.")
