"""Lists page by page, logs line by line, and what some engines do not offer."""

import asyncio
import gc
import json
from contextlib import aclosing
from urllib.parse import unquote

import pytest

from tests.fakes.http import Reply, Request, fake_http
from tws.client import LOG_SLICE, TwsClient
from tws.config import make_config
from tws.exceptions import TwsBadName, TwsForbidden, TwsPayloadError

RUN = "2f7d3f0a-11c4-3d1b-8b6e-0a6f4a1d9e55"


def client(url: str, **more: object) -> TwsClient:
    return TwsClient(make_config([url], **more))


class Jobs:
    """A server with so many jobs, which pages as TWS does."""

    def __init__(self, many: int, *, count: bool = True, link: bool = True) -> None:
        self.many, self.count, self.link = many, count, link
        self.delay = 0.0
        self.shift = 0

    def __call__(self, request: Request) -> Reply:
        offset, limit = (int(request.params[k]) for k in ("offset", "limit"))
        last = min(offset + limit, self.many)
        numbers = range(offset, max(offset, last))
        body = {"results": [{"id": f"{n}", "name": f"J{n}"} for n in numbers]}
        if self.count:
            body["count"] = self.many
        if self.link and last < self.many:
            # A host that exists only where the server stands.
            body["next"] = f"https://localhost:31116/twsd/x?limit={limit}&offset={last}"
        return Reply.json(body, delay=self.delay)


async def collected(url: str, page_size: int = 10) -> list[str]:
    async with client(url) as tws:
        pages = tws.job_pages(limit=page_size)
        return [job.name async for page in pages for job in page.items]


@pytest.mark.parametrize("many", [0, 1, 9, 10, 11, 95])
@pytest.mark.parametrize(
    ("count", "link"), [(True, True), (True, False), (False, True), (False, False)]
)
async def test_all_jobs_come_in_order_and_once(many, count, link):
    with fake_http(Jobs(many, count=count, link=link)) as server:
        names = await collected(server.url)

    assert names == [f"J{n}" for n in range(many)]
    assert {r.headers["host"] for r in server.requests} == {f"127.0.0.1:{server.port}"}


async def test_the_next_pages_are_asked_for_while_one_is_read():
    jobs = Jobs(100)
    jobs.delay = 0.1
    with fake_http(jobs) as server:
        start = asyncio.get_running_loop().time()
        names = await collected(server.url)
        seconds = asyncio.get_running_loop().time() - start

    assert len(names) == 100
    assert seconds < 0.75  # one after the other it would be a second


async def test_a_job_that_moved_to_the_next_page_is_not_told_twice():
    def answer(request: Request) -> Reply:
        first = request.params["offset"] == "0"
        numbers = [1, 2] if first else [2, 3]
        body = {"count": 4, "results": [{"id": f"{n}", "name": "J"} for n in numbers]}
        return Reply.json(body)

    with fake_http(answer) as server:
        async with client(server.url) as tws:
            pages = tws.job_pages(limit=2)
            ids = [job.id async for page in pages for job in page.items]

    assert ids == ["1", "2", "3"]


async def test_a_list_that_grows_while_it_is_read_is_read_to_its_new_end():
    jobs = Jobs(20)

    def answer(request: Request) -> Reply:
        reply = jobs(request)
        jobs.many = 45
        return reply

    with fake_http(answer) as server:
        names = await collected(server.url)

    assert len(names) == 45


async def test_a_list_that_never_ends_is_ended(monkeypatch):
    monkeypatch.setattr("tws.paging.MOST_OBJECTS", 50)

    def answer(request: Request) -> Reply:
        offset = int(request.params["offset"])
        return Reply.json({"results": [{"id": f"{offset}", "name": "J"}] * 10})

    with (
        fake_http(answer) as server,
        pytest.raises(TwsPayloadError, match="does not end"),
    ):
        await collected(server.url)


@pytest.mark.parametrize(
    "link", ["x?offset=0", "x?offset=-5", "x?offset=x", "x", "http://[", "?offset=²"]
)
async def test_a_next_link_that_leads_nowhere_is_not_followed(link):
    body = {"count": 2, "results": [{"id": "1", "name": "J"}] * 2, "next": link}
    with fake_http(lambda _: Reply.json(body)) as server:
        async with client(server.url) as tws:
            page = await tws.jobs(limit=2)

    assert page.next_offset is None


async def test_leaving_a_list_early_stops_what_is_under_way():
    jobs = Jobs(1000)
    with fake_http(jobs) as server:
        async with client(server.url) as tws:
            async with aclosing(tws.job_pages(limit=10)) as pages:
                async for _page in pages:
                    break
            await asyncio.sleep(0.1)
            asked = len(server.requests)
            await asyncio.sleep(0.1)

    assert len(server.requests) == asked <= 4
    gc.collect()


async def test_a_broken_element_does_not_lose_the_others():
    results = [
        {"id": "1", "name": "A"},
        {"id": 2, "name": "B"},
        {"id": "3", "name": "C"},
    ]
    with fake_http(lambda _: Reply.json({"results": results, "count": 3})) as server:
        async with client(server.url) as tws:
            page = await tws.jobs()

    assert [job.name for job in page.items] == ["A", "C"]
    (lost,) = page.unusable
    assert (lost.index, lost.name, lost.problem) == (1, "B", "id should be a text")
    assert page.next_offset is None  # it counts as read


class TestJobLog:
    """Text by lines, never more than asked for, never more than fits."""

    async def read(self, text, *lines, **more):
        with fake_http(lambda _: Reply.text(text)) as server:
            async with client(server.url) as tws:
                log = await tws.job_log(RUN, *lines, **more)
        return log, server.requests[0]

    async def test_the_whole_log(self):
        log, request = await self.read("one\ntwo\nthree\n")

        assert (log.text, log.from_line, log.to_line) == ("one\ntwo\nthree", 1, 3)
        assert not log.truncated
        assert request.path == f"/twsd/api/v2/plan/job/run/{RUN}/joblog"
        assert request.headers["accept"] == "text/plain"

    async def test_some_lines(self):
        log, request = await self.read("three\nfour\n", 3, 4)

        assert request.params == {"from_line": "3", "to_line": "4"}
        assert (log.text, log.from_line, log.to_line) == ("three\nfour", 3, 4)

    async def test_a_server_that_sends_more_lines_than_asked_for(self):
        log, _ = await self.read("\n".join("abcdef"), 1, 2)

        assert (log.text, log.truncated) == ("a\nb", True)

    async def test_the_last_lines_of_a_long_log(self):
        text = "\n".join(f"line {n}" for n in range(1, 200_001))

        log, _ = await self.read(text, tail=3)

        assert log.text == "line 199998\nline 199999\nline 200000"
        assert (log.from_line, log.to_line) == (199_998, 200_000)
        assert log.truncated

    async def test_five_megabytes_are_cut_to_what_fits(self):
        log, _ = await self.read("x" * 79 + "\n" + ("y" * 79 + "\n") * 65_000)

        assert log.truncated
        assert log.text.startswith("x" * 79)
        assert log.to_line == 2000

    async def test_what_tells_is_found_also_where_nothing_is_kept(self):
        lines = ["y" * 79] * 65_000
        lines[30_000] = "ORA-01653: unable to extend table"

        log, _ = await self.read("\n".join(lines), tail=3)

        assert [(mark.line, mark.text) for mark in log.marked] == [
            (30_001, "ORA-01653: unable to extend table")
        ]
        assert log.from_line == 64_998

    async def test_a_long_log_leaves_room_for_others(self):
        turns = 0

        async def others():
            nonlocal turns
            while True:
                turns += 1
                await asyncio.sleep(0)

        meanwhile = asyncio.create_task(others())
        await self.read("error y\n" * 100_000, tail=3)
        meanwhile.cancel()

        assert turns > 800_000 // LOG_SLICE

    @pytest.mark.parametrize(
        ("status", "error"), [(200, TwsPayloadError), (403, TwsForbidden)]
    )
    async def test_an_html_page_is_no_log(self, status, error):
        with fake_http(lambda _: Reply.html(status)) as server:
            async with client(server.url) as tws:
                with pytest.raises(error):
                    await tws.job_log(RUN)

    async def test_a_log_may_hold_html_as_text(self):
        log, _ = await self.read("<html>\n")

        assert log.text == "<html>"

    async def test_a_connection_cut_in_the_middle_starts_the_log_again(self):
        text = Reply.text("one\ntwo\n")
        replies = [Reply(body=text.body, headers=text.headers, cut=4), text]
        with fake_http(lambda _: replies.pop(0)) as server:
            async with client(server.url) as tws:
                log = await tws.job_log(RUN)

        assert log.text == "one\ntwo"

    async def test_an_empty_log(self):
        log, _ = await self.read("")

        assert (log.text, log.from_line, log.to_line) == ("", 1, 0)


async def test_engines_without_critical_jobs_have_none():
    with fake_http(lambda _: Reply.html(404)) as server:
        async with client(server.url) as tws:
            assert await tws.critical_jobs() == []
            assert await tws.plan_state() is None

    assert server.requests[0].method == "POST"
    assert json.loads(server.requests[0].body) == {
        "filters": {"criticalJobInPlanFilter": {}}
    }


@pytest.mark.parametrize(
    ("reply", "healthy", "code"),
    [
        (Reply.json({"id": "1"}), True, ""),
        (
            Reply.json({"messages": ["AWSBDY124W Mailbox.msg is not read."]}, 500),
            False,
            "AWSBDY124W",
        ),
    ],
)
async def test_a_sick_workstation_is_an_answer(reply, healthy, code):
    with fake_http(lambda _: reply) as server:
        async with client(server.url) as tws:
            health = await tws.workstation_health("3e0d")

    assert (health.healthy, health.code) == (healthy, code)


HOSTILE = [
    "",
    " ",
    ".",
    "..",
    "../../../admin/user",
    "..%2f..%2fadmin",
    "%2e%2e",
    "%2e%2e/%2e%2e",
    "a/../b",
    "a/..",
    "/a",
    "a//b",
    "a/./b",
    "a?x=1",
    "a#f",
    "a\\..\\b",
    "a\x00b",
    "a\r\nX-Evil: 1",
    "a\tb",
    "\u202eabc",
    "a\u200fb",
    "a\ufeffb",
    "\ud800",
    "x" * 257,
    "x" * 10_000,
    "é",
    "日本",
    "a b",
    "a'b",
    'a"b',
    "a&b=c",
    "<script>",
    "a|b",
    "$(id)`",
    "{run_id}",
    "a,b",
    "*",
    "~root",
    "a@b",
    "!",
]


@pytest.mark.parametrize("call", ["job", "jobstream", "workstation", "resource"])
async def test_a_hostile_id_reaches_no_path(call):
    with fake_http(lambda _: Reply.json({})) as server:
        async with client(server.url) as tws:
            for name in HOSTILE:
                with pytest.raises(TwsBadName, match="id"):
                    await getattr(tws, call)(name)
                with pytest.raises(TwsBadName, match="id"):
                    await tws.job_log(name)
                with pytest.raises(TwsBadName, match="id"):
                    await tws.job_predecessors(name, 1)

    assert server.requests == []


@pytest.mark.parametrize(
    "object_id",
    [
        "ca15f24a-0e6b-3f1b-9251-854d8d0d3639",
        "QUdUX1BBWTswQUFBQUFBQUFBQUFCUU07UEFZX0NBTEM=",
        "AG+T/PAY=",
        "CPU;0AAAAAAAAAAAABQM;JOB.1",
        "a.b..c",
    ],
)
async def test_an_id_of_the_vendor_arrives_as_one_segment(object_id):
    with fake_http(lambda _: Reply.json({"id": "1", "name": "J"})) as server:
        async with client(server.url) as tws:
            await tws.job(object_id)

    path = server.requests[0].path.removeprefix("/twsd/api/v2/plan/job/")
    assert "/" not in path
    assert unquote(path) == object_id


@pytest.mark.parametrize(
    ("call", "arguments"),
    [
        ("jobs", {"limit": 0}),
        ("jobs", {"limit": 10_001}),
        ("jobs", {"offset": -1}),
        ("jobs", {"scope": "ALL"}),
        ("job_predecessors", {"job_id": "1", "depth": 0}),
        ("jobstream_successors", {"stream_id": "1", "depth": 1001}),
        ("job_log", {"run_id": "1", "from_line": 0}),
        ("job_log", {"run_id": "1", "from_line": 5, "to_line": 4}),
    ],
)
async def test_numbers_out_of_range_are_a_fault_of_the_caller(call, arguments):
    async with client("http://127.0.0.1:9") as tws:
        with pytest.raises(ValueError, match=r"out of range|no scope"):
            await getattr(tws, call)(**arguments)
