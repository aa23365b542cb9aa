"""For teachers: goals, minutes, further questions with their answers."""

import streamlit as st

from core.lessons.stations import Station
from pages.components.shell import plain


def for_teachers(station: Station) -> None:
    """A fold at the end of a station."""
    lesson = station.lesson
    with st.expander("For teachers", icon=":material/school:", key="learn-teachers"):
        st.markdown(f"**About {lesson.minutes} minutes.** Afterwards they can:")
        st.markdown("\n".join(f"- {plain(goal)}" for goal in lesson.goals))
        for question, answer in lesson.questions:
            st.markdown(f"**{plain(question)}**  \n{plain(answer)}")
        st.caption("This page's address leads here directly; `&present=1` behind it shows it in large type.")
