"""A file keeps the name it was sent under: how the client finds again what is stored already. The two never import each other."""

from hypothesis import given
from hypothesis import strategies as st

from artifactsvc.client.names import clean_file_name
from artifactsvc.views.multipart import clean_file_name as name_on_the_server


@given(name=st.text(max_size=600))
def test_the_server_keeps_the_name_that_the_client_sends(name):
    sent = clean_file_name(name)
    assert name_on_the_server(sent) == sent


@given(stem=st.text(alphabet='a/\\"\u202e\x00 .é', max_size=300))
def test_a_name_of_what_is_cleaned_is_kept_too(stem):
    sent = clean_file_name(stem + ".png")
    assert name_on_the_server(sent) == sent
    assert sent.endswith("png")
