"""The multipart reader: whatever comes, only domain errors come out, and nothing stays staged."""

import io

import pytest
import transaction
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from artifactsvc.exceptions import ArtifactsvcError, CorruptedFileError, MalformedBodyError, TooLargeError, UnsupportedTypeError, ValidationError
from artifactsvc.filestore import FileStore, FileTransaction
from artifactsvc.settings import Settings
from artifactsvc.views.multipart import MAX_FIELDS, clean_file_name, read_boundary, receive
from tests.api import gif, jpeg, multipart, pdf, png

LIMITS = Settings(batch_max_files=3, max_file_size=2000, max_field_size=500)
FORM = {"Content-Type": "multipart/form-data; boundary=XbX"}
FAST = {"deadline": None, "suppress_health_check": [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]}


class Pieces:
    """A stream that gives its bytes in pieces of its own choice."""

    def __init__(self, data, sizes=()):
        self._file = io.BytesIO(data)
        self._sizes = list(sizes)

    def read(self, size):
        return self._file.read(min(size, self._sizes.pop(0)) if self._sizes else size)


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    store = FileStore(tmp_path_factory.mktemp("store"))
    store.use_names()
    return store


@pytest.fixture(scope="module")
def run(store):
    """Receive a body in a transaction of its own; afterwards nothing is staged, whatever came out."""

    def run(body, sizes=(), headers=FORM, limits=LIMITS, length=None, field="file"):
        manager = transaction.TransactionManager(explicit=True)
        manager.begin()
        try:
            form = receive(headers, Pieces(body, sizes), len(body) if length is None else length, FileTransaction(store, manager), limits, field)
            return form, form.digest()
        finally:
            manager.abort()
            assert list(store.walk_staging()) == []

    return run


def outcome(form):
    return form.fields, [(file.file_name, file.media_type, file.staged and (file.staged.size, file.staged.checksum), repr(file.error)) for file in form.files]


NAMES = st.text(st.characters(exclude_characters='"\\\r\n', exclude_categories=("Cs", "Cc")), min_size=1, max_size=10)
FILES = st.sampled_from([
    ("image/png", png()), ("image/jpeg", jpeg()), ("image/gif", gif()), ("application/pdf", pdf()), ("application/json", b'{"a": 1}'),
    ("text/plain", b"\r\n--Xb\r\r\n--\r\n" * 9),
    ("image/png", png()[:-1]), ("image/png", b""), ("text/plain", b"x" * 2001), ("video/mp4", b"x"), ("text/plain", b"\xff"), (None, b"text"),
])  # fmt: skip
PARTS = st.one_of(
    st.tuples(NAMES.filter(lambda name: name != "file"), st.none(), st.none(), st.text(st.characters(exclude_categories=("Cs",)), max_size=60).map(str.encode)),
    st.tuples(st.just("file"), NAMES, FILES).map(lambda part: (part[0], part[1], *part[2])),
)
FORMS = st.lists(PARTS, max_size=6).filter(lambda parts: sum(part[0] == "file" for part in parts) <= 3)


@given(parts=FORMS, sizes=st.lists(st.integers(1, 200), max_size=30))
@settings(max_examples=150, **FAST)
def test_form_is_the_same_when_the_body_is_cut_anywhere(run, parts, sizes):
    body = multipart(parts)
    whole, digest = run(body)
    cut, cut_digest = run(body, sizes)
    assert outcome(cut) == outcome(whole)
    assert cut_digest == digest
    texts = [(name, data.decode()) for name, file_name, _, data in parts if file_name is None]
    assert sorted((name, text) for name, values in whole.fields.items() for text in values) == sorted(texts)
    assert len(whole.files) == sum(part[0] == "file" for part in parts)


@given(parts=FORMS, boundary=st.text("abcXYZ0189'()+_,./:=?-", min_size=1, max_size=70))
@settings(max_examples=60, **FAST)
def test_digest_is_the_same_when_the_boundary_differs(run, parts, boundary):
    assume(not any(b"--" + boundary.encode() in part[-1] for part in parts))
    other = {"Content-Type": f'multipart/form-data; boundary="{boundary}"'}
    assert run(multipart(parts, boundary), headers=other)[1] == run(multipart(parts))[1]


def test_malformed_when_a_body_is_cut_off_at_any_byte(run):
    body = multipart([("a", None, None, b"1"), ("file", "x.png", "image/png", png()), ("b", None, None, b"2")])
    assert run(body[:-2])[0].files  # the line break behind the end does not matter
    for length in range(len(body) - 2):
        with pytest.raises(MalformedBodyError):
            run(body[:length])


@given(parts=FORMS, data=st.data())
@settings(max_examples=100, **FAST)
def test_malformed_when_any_form_is_cut_off(run, parts, data):
    body = multipart(parts)
    cut = data.draw(st.integers(0, len(body) - 3))
    with pytest.raises(MalformedBodyError):
        run(body[:cut], data.draw(st.lists(st.integers(1, 99), max_size=9)))


@pytest.mark.parametrize("length", [0, 10, 150])
def test_malformed_when_the_length_says_less_than_there_is(run, length):
    with pytest.raises(MalformedBodyError):
        run(multipart([("file", "x.png", "image/png", png())]), length=length)


LINES = st.sampled_from([
    b"--XbX", b"--XbX--", b"\r\n", b"\n", b"\r", b'Content-Disposition: form-data; name="file"; filename="a.txt"',
    b'Content-Disposition: form-data; name="a"', b"Content-Type: text/plain",
    b"Content-Type: text/plain; charset=\xff", b"Content-Disposition: form-data", b"Content-Length: 99", b"Content-Transfer-Encoding: base64", b": x",
    b" folded", b"\0", b"\xff\xfe", b"--", b"x" * 600,
    b'Content-Disposition: form-data; name="file"; filename*=UTF-8\'\'%ff%00', b'Content-Disposition: form-data; name="\0\xc3\xa9"',
    b"Content-Type: text/plain; charset=punycode",
])  # fmt: skip


@given(
    body=st.one_of(
        st.binary(max_size=300),
        st.lists(LINES | st.binary(max_size=9), max_size=16).map(lambda lines: b"\r\n".join(lines)),
        st.lists(LINES, max_size=16).map(b"".join),
    )
)
@example(b'--XbX\r\nContent-Disposition: form-data; name="file"; filename="a"\r\nContent-Type: text/plain; charset="a\0b"\r\n\r\nx\r\n--XbX--')
@settings(max_examples=400, **FAST)
def test_only_domain_errors_come_out_when_the_body_is_anything(run, body):
    try:
        run(body)
    except ArtifactsvcError as error:
        str(error).encode()


@given(
    header=st.one_of(
        st.text(st.characters(max_codepoint=255), max_size=90),
        st.text(st.characters(max_codepoint=255), max_size=90).map("multipart/form-data; boundary=".__add__),
    )
)
@settings(max_examples=200, **FAST)
def test_only_domain_errors_come_out_when_the_content_type_is_anything(run, header):
    try:
        run(multipart([("file", "x.png", "image/png", png())]), headers={"Content-Type": header})
    except ArtifactsvcError:
        pass


@pytest.mark.parametrize("boundary", ["", "boundary=", 'boundary=""', "boundary=" + "a" * 71, "boundary=\xff", 'boundary="a\x01b"', "bound=XbX"])
def test_malformed_when_the_boundary_is_none(boundary):
    with pytest.raises(MalformedBodyError):
        read_boundary({"Content-Type": "multipart/form-data; " + boundary})


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Content-Type": ""},
        {"Content-Type": "application/json"},
        {"Content-Type": "multipart/mixed; boundary=XbX"},
        {**FORM, "Content-Encoding": "gzip"},
        {"Content-Type": "application/x-www-form-urlencoded"},
    ],
)
def test_unsupported_when_it_is_no_form_data(headers):
    with pytest.raises(UnsupportedTypeError):
        read_boundary(headers)


FILE = b'Content-Disposition: form-data; name="file"; filename="a.txt"\r\n'


@pytest.mark.parametrize(
    "part",
    [
        b"\r\nx", b"Content-Disposition: attachment\r\n\r\nx", FILE + b"Content-Transfer-Encoding: base64\r\n\r\neA==",
        FILE + b"X: " + b"a" * 2**20 + b"\r\n\r\nx",
        FILE + b"X: a\r\n" * 20_000 + b"\r\nx", FILE + b"X-\xff: a\r\n\r\nx", FILE + b"no colon\r\n\r\nx", FILE + b"Content-Length: 9\r\n\r\nx",
        FILE + b"Content-Length: -1\r\n\r\nx",
        b'Content-Disposition: form-data; name="file"; filename="\xff"\r\n\r\nx',
    ],
    ids=range(10),
)  # fmt: skip
def test_malformed_when_the_headers_of_a_part_are(run, part):
    with pytest.raises(MalformedBodyError):
        run(b"--XbX\r\n" + part + b"\r\n--XbX--\r\n")


def test_malformed_when_there_are_more_parts_than_a_form_has(run):
    with pytest.raises((MalformedBodyError, TooLargeError)):
        run(multipart([("x", None, None, b"")] * (LIMITS.batch_max_files + MAX_FIELDS + 1)))


def test_too_large_when_there_are_too_many_files(run):
    with pytest.raises(TooLargeError, match="Too many files: maximum 3 per batch"):
        run(multipart([("file", "a.txt", "text/plain", b"x")] * 4))


def test_too_large_when_a_field_is(run):
    run(multipart([("a", None, None, b"x" * 500)]))
    with pytest.raises(TooLargeError, match=r"Form field a exceeds maximum allowed \(500 bytes\)"):
        run(multipart([("a", None, None, b"x" * 501)]))


def test_invalid_when_a_field_is_no_utf8(run):
    with pytest.raises(ValidationError, match="a: is not valid UTF-8"):
        run(multipart([("a", None, None, b"\xff")]))


@pytest.mark.parametrize(
    ("name", "content_type", "data", "error"),
    [
        ("a.txt", "text/plain", b"x" * 2001, TooLargeError),
        ("a.mp4", "video/mp4", b"x", UnsupportedTypeError),
        ("a.exe", None, b"MZ", UnsupportedTypeError),
        ("a.png", "image/png", png()[:-1], CorruptedFileError),
        ("a.txt", "text/plain", b"", CorruptedFileError),
        ("", "text/plain", b"x", ValidationError),
        (None, "text/plain", b"x", ValidationError),
    ],
)
def test_other_files_are_kept_when_one_is_refused(run, name, content_type, data, error):
    good = ("file", "b.txt", "text/plain", b"good")
    form, _ = run(multipart([good, ("file", name, content_type, data), good]))
    assert [type(file.error) for file in form.files] == [type(None), error, type(None)]
    assert [file.staged is None for file in form.files] == [False, True, False]


def test_file_of_the_limit_is_kept_when_it_is_exactly_as_large(run):
    assert run(multipart([("file", "a.txt", "text/plain", b"x" * 2000)]))[0].files[0].staged.size == 2000


@pytest.mark.parametrize("filler", [b"\n", b"\r", b"\r\n--Xb", b"\r\n--XbY", b"-"])
def test_file_is_kept_when_it_is_full_of_what_looks_like_a_boundary(run, filler):
    data = filler * (2**21 // len(filler))
    form, _ = run(multipart([("file", "a.txt", "text/plain", data)]), limits=Settings(max_file_size=2**22))
    assert form.files[0].staged.size == len(data)


def test_file_fields_of_other_names_are_passed_by_when_received(run):
    form, _ = run(multipart([("other", "a.exe", "application/x-executable", b"x" * 5000), ("metadata", "m.json", "application/json", b"[]")]))
    assert (form.files, form.fields) == ([], {"metadata": ["[]"]})


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("a.png", "a.png"), ("../../etc/passwd", "passwd"), ("C:\\x\\a.png", "a.png"), ("/abs", "abs"), ("a/..", "unnamed"), ("", "unnamed"),
        ("...", "..."), (".htaccess", ".htaccess"), ("a\0\r\n\x1b.png", "a.png"),
        ("\u202egnp.exe", "gnp.exe"), ("zwölf €.png", "zwölf €.png"), ("😀.png", "😀.png"), ("\ud800.png", ".png"), ("x" * 300 + ".png", "x" * 251 + ".png"),
        ("a." + "x" * 300, "a." + "x" * 221 + "." + "x" * 31),
        ("a/\0", "unnamed"), ("-rf", "-rf"), ("a b.png ", "a b.png "),
    ],
)  # fmt: skip
def test_file_name_is_the_last_component_without_control_characters_when_cleaned(name, clean):
    assert clean_file_name(name) == clean


@given(name=st.text(max_size=600))
@settings(max_examples=300, deadline=None)
def test_file_name_fits_its_column_when_it_was_anything(name):
    clean = clean_file_name(name)
    assert 1 <= len(clean) <= 255
    assert not set(clean) & set("/\\\0\r\n")
    clean.encode()
