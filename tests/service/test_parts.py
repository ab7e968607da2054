"""Limits, budgets, lanes and the cache, each by itself."""

import argparse
import threading
import time

import pytest
from hypothesis import given, strategies as st

from pledgegraph.errors import RunError
from pledgegraph.service import Busy, Limits, OverBudget
from pledgegraph.service.budget import Budget
from pledgegraph.service.cache import Cache, Entry, etag
from pledgegraph.service.lanes import Lane


class TestLimits:
    def test_environment_and_overrides(self) -> None:
        limits = Limits.from_environment(
            {"PLEDGEGRAPH_QUERY_SECONDS": "2.5", "PLEDGEGRAPH_WORKER_MEMORY": "1g", "PLEDGEGRAPH_FAST_SEATS": "3"},
            fast_seats=7,
            slow_seats=None,
        )
        assert (limits.query_seconds, limits.worker_memory, limits.fast_seats) == (2.5, 1024**3, 7)
        assert limits.slow_seats == Limits().slow_seats

    @pytest.mark.parametrize("text", ["ten", "", "-1", "0", "1x", "nan", "inf", "1e400"])
    def test_what_is_no_limit(self, text: str) -> None:
        with pytest.raises(RunError):
            Limits.from_environment({"PLEDGEGRAPH_QUERY_SECONDS": text})

    def test_command_line(self) -> None:
        parser = argparse.ArgumentParser()
        Limits.add_arguments(parser)
        arguments = parser.parse_args(["--query-seconds", "0.5", "--answer-bytes", "64k"])
        limits = Limits.from_environment({}, **vars(arguments))
        assert (limits.query_seconds, limits.answer_bytes) == (0.5, 65536)
        assert "--cache-bytes" in parser.format_help()

    def test_every_limit_has_a_row_and_only_some_concern_clients(self) -> None:
        everything = {row.name: row for row in Limits().describe(public_only=False)}
        public = {row.name for row in Limits().describe()}
        assert {"query_seconds", "answer_bytes", "budget_seconds"} <= public
        assert "worker_memory" in everything
        assert "worker_memory" not in public
        assert everything["answer_bytes"].value == "50 MiB"
        assert everything["answer_bytes"].variable == "PLEDGEGRAPH_ANSWER_BYTES"
        assert everything["query_operators"].value == "1,000 operators"

    def test_the_fast_lane_is_no_longer_than_the_limit(self) -> None:
        assert Limits(query_seconds=0.05).fast_seconds == 0.05


class TestBudget:
    def budget(self) -> tuple[Budget, list[float]]:
        now = [0.0]
        return Budget(Limits(budget_seconds=10, budget_rate=0.5), clock=lambda: now[0]), now

    def test_an_empty_purse_closes_the_slow_lane_and_fills_again(self) -> None:
        budget, now = self.budget()
        budget.charge("a", 12)
        budget.check("a")
        with pytest.raises(OverBudget) as caught:
            budget.check_slow("a")
        assert caught.value.retry_after == 5
        now[0] = 4.1
        budget.check_slow("a")
        now[0] = 1000
        assert budget.left("a") == 10

    def test_a_purse_overdrawn_by_as_much_again_closes_everything(self) -> None:
        budget, now = self.budget()
        budget.charge("a", 21)
        with pytest.raises(OverBudget):
            budget.check("a")
        budget.check("b")
        now[0] = 2.1
        budget.check("a")

    def test_nobody_is_never_charged(self) -> None:
        budget, _ = self.budget()
        budget.charge("", 1000)
        budget.check_slow("")

    def test_many_clients_take_bounded_memory(self) -> None:
        budget, _ = self.budget()
        for number in range(20_000):
            budget.charge(f"client {number}", 1)
        assert len(budget._purses) == 10_000
        assert budget.left("client 0") == 10
        assert budget.left("client 19999") == 9


class TestLane:
    def test_a_free_seat_is_taken_at_once(self) -> None:
        lane = Lane(2, 0)
        lane.take("a", False, 0)
        assert lane.try_take("a")
        assert not lane.try_take("a")
        with pytest.raises(Busy):
            lane.take("a", False, 0)
        lane.give("a")
        assert lane.try_take("b")

    def test_waiting_ends(self) -> None:
        lane = Lane(1, 5)
        lane.take("a", False, 0)
        with pytest.raises(Busy):
            lane.take("b", False, 0.01)
        assert lane.waiting == 0

    def test_pages_go_first_then_who_has_fewest_seats_then_who_came_first(self) -> None:
        lane = Lane(2, 10)
        lane.take("greedy", False, 0)
        lane.take("greedy", False, 0)
        order: list[str] = []
        threads = []

        def wait(name: str, client: str, page: bool) -> None:
            lane.take(client, page, 10)
            order.append(name)

        for name, client, page in [
            ("greedy 3", "greedy", False),
            ("modest", "modest", False),
            ("later", "later", False),
            ("page", "greedy", True),
        ]:
            thread = threading.Thread(target=wait, args=(name, client, page))
            thread.start()
            threads.append(thread)
            while lane.waiting < len(threads):
                time.sleep(0.001)
        for expected, client in [("page", "greedy"), ("modest", "greedy"), ("later", "modest"), ("greedy 3", "later")]:
            lane.give(client)
            while not order or order[-1] != expected:
                time.sleep(0.001)
        for thread in threads:
            thread.join()
        assert order == ["page", "modest", "later", "greedy 3"]

    def test_who_waits_most_gives_way_where_too_many_wait(self) -> None:
        lane = Lane(1, 4)
        lane.take("greedy", False, 0)
        ended: list[str] = []
        threads = []

        def wait(client: str) -> None:
            try:
                lane.take(client, False, 10)
                ended.append(client)
            except Busy:
                ended.append(f"{client} gave way")

        for client in ["greedy"] * 4 + ["modest", "other"]:
            thread = threading.Thread(target=wait, args=(client,))
            thread.start()
            threads.append(thread)
            while lane.waiting + len(ended) < len(threads):
                time.sleep(0.001)
        assert ended == ["greedy gave way"] * 2
        for client in ("greedy", "other"):  # who would have as many waiting as the greedy one is told to come back
            with pytest.raises(Busy):
                lane.take(client, False, 0)
        for number, client in enumerate(["greedy", "greedy", "greedy", "modest"], start=3):
            lane.give(client)
            while len(ended) < number:
                time.sleep(0.001)
        for thread in threads:
            thread.join()
        assert ended[2:] == ["greedy", "greedy", "modest", "other"]
        lane.give("other")
        assert lane.try_take("anybody")

    @given(st.lists(st.tuples(st.sampled_from("abc"), st.booleans()), max_size=60))
    def test_seats_are_neither_lost_nor_made(self, steps: list[tuple[str, bool]]) -> None:
        lane, taken = Lane(3, 0), list[str]()
        for client, take in steps:
            if take and lane.try_take(client):
                taken.append(client)
            elif not take and taken:
                lane.give(taken.pop())
            assert len(taken) <= 3
        while taken:
            lane.give(taken.pop())
        assert [lane.try_take("d") for _ in range(4)] == [True, True, True, False]


class TestCache:
    def test_what_was_not_asked_for_longest_goes_first(self) -> None:
        cache = Cache(16_000)
        for number in range(10):
            cache.put((str(number),), Entry(b"x" * 1000, ""))
            cache.get(("0",))
        assert cache.used <= 16_000
        assert cache.get(("0",)) is not None
        for number in range(10, 20):
            cache.put((str(number),), Entry(b"x" * 1000, ""))
            cache.get(("0",))
        assert cache.get(("0",)) is not None
        assert cache.get(("1",)) is None
        assert cache.get(("19",)) is not None

    def test_a_large_answer_is_not_kept_and_nothing_is_with_no_room(self) -> None:
        cache = Cache(16_000)
        cache.put(("a",), Entry(b"x" * 3000, ""))
        assert cache.get(("a",)) is None
        none = Cache(0)
        none.put(("a",), Entry(b"", ""))
        assert none.get(("a",)) is None

    @given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 1500)), max_size=100))
    def test_the_count_of_bytes_is_right_whatever_comes(self, steps: list[tuple[int, int]]) -> None:
        cache = Cache(16_000)
        for number, size in steps:
            cache.put((str(number),), Entry(b"x" * size, ""))
            assert 0 <= cache.used <= 16_000
        cache.clear()
        assert cache.used == 0

    def test_entity_tags_differ_where_parts_differ(self) -> None:
        keys = [("a", "b"), ("ab", ""), ("", "ab"), ("a", "b", ""), ("a",), ("é", "b")]
        assert len({etag(key) for key in keys}) == len(keys)
        assert etag(("a", "b")) == etag(("a", "b"))
        assert etag(("a",)).startswith('"')
