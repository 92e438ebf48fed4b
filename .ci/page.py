"""Demands of a report's pages what only a browser can tell. Called by .ci/page: page.py REPORT CHROMIUM"""

import gzip
import json
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import sync_playwright

REPORT, CHROMIUM = sys.argv[1:]
EXAMPLE = Path("reports/example/profiles.jsonl.gz")
WIDTHS = (390, 1280)
MOST_BYTES = 1_500_000


def drawn(lines, out):
    """The first page of a report of `lines`."""
    out.mkdir()
    profiles = out / "profiles.jsonl"
    profiles.write_text("".join(lines))
    subprocess.run([REPORT, profiles, "--out", out / "page"], check=True, stderr=subprocess.DEVNULL)
    return out / "page" / "index.html"


def reports(folder):
    """First pages of one network, of twelve, of 147, and of all that the example has."""
    with gzip.open(EXAMPLE, "rt") as file:
        lines = list(file)
    networks = {}
    for line in lines:
        profile = json.loads(line)
        alone = not any(profile.get(key) for key in ("experiment", "comparison", "side"))
        if alone and profile["device"]["kind"] == "x86" and profile["level"] == "folded":
            networks[profile["model"]] = line
    assert len(networks) == 12, sorted(networks)
    # Small networks under 147 names: what is asked is how many there are, not what they are.
    small = json.loads(networks["lenet5"])
    many = [json.dumps(small | {"model": f"net_{i}"}) + "\n" for i in range(147)]
    return {
        "one": drawn([networks["shufflenet_v2"]], folder / "one"),
        "twelve": drawn(networks.values(), folder / "twelve"),
        "many": drawn(many, folder / "many"),
        "example": drawn(lines, folder / "example"),
    }


class Browser:
    """Opens pages, and fails where one complains."""

    def __init__(self, chromium):
        self.chromium = chromium

    @contextmanager
    def page(self, path, width=1280, **options):
        page = self.chromium.new_page(viewport={"width": width, "height": 900}, **options)
        complaints = []
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda asked: complaints.append(asked.url) if not asked.url.startswith("file:") else None)
        page.goto(path.resolve().as_uri())
        yield page
        assert not complaints, (path, complaints)
        page.close()


def shown(page):
    """What the tip says; nothing where it is hidden."""
    tip = page.locator(".tip")
    return tip.inner_text() if tip.is_visible() else ""


def fits(browser, path):
    """No page is wider than its screen, and what is wider scrolls by itself."""
    for width in WIDTHS:
        for scheme, paper in (("light", "rgb(255, 255, 255)"), ("dark", "rgb(21, 23, 27)")):
            with browser.page(path, width, color_scheme=scheme) as page:
                page.evaluate("document.querySelectorAll('details').forEach((fold) => { fold.open = true; })")
                wide = page.evaluate("document.documentElement.scrollWidth")
                assert wide <= width, (path, width, wide)
                assert page.evaluate("getComputedStyle(document.body).backgroundColor") == paper
                grounds = page.evaluate(
                    "[...document.querySelectorAll('svg > rect.paper:first-of-type')].map((r) => getComputedStyle(r).fill)"
                )
                assert set(grounds) <= {paper}, (path, set(grounds))


def sorts_and_filters(browser, path, networks):
    with browser.page(path) as page:
        table = page.locator("#answers table").first
        names = lambda: table.locator("tbody tr:visible td:first-child").all_inner_texts()
        column = table.locator("th", has_text="run, ms")
        place = column.evaluate("(th) => th.cellIndex") + 1
        runs = lambda: [float(t.replace("\u202f", "")) for t in table.locator(f"tbody td:nth-child({place})").all_inner_texts()]
        before = names()
        assert len(before) == networks, before
        column.locator("button").click()
        assert runs() == sorted(runs(), reverse=True) and column.get_attribute("aria-sort") == "descending"
        column.locator("button").press("Enter")
        assert runs() == sorted(runs()) and column.get_attribute("aria-sort") == "ascending"
        column.locator("button").click()
        assert names() == before and column.get_attribute("aria-sort") is None
        text = page.locator("#answers .find input")
        text.fill(before[-1].upper())
        assert before[-1] in names() and len(names()) < networks, names()
        assert page.locator("#answers output").inner_text() == f"{len(names())} of {networks} rows"
        text.fill("")
        assert names() == before
        # Every row leads to its network.
        for link in table.locator("a").all():
            target = link.get_attribute("href")
            assert page.locator(target).count() if target[0] == "#" else (path.parent / target).exists(), target


def filters_by_class(browser, path):
    with browser.page(path) as page:
        fold = page.locator("details:has(> summary:has-text('All ')):visible").first
        fold.locator("summary").click()
        classes = fold.locator("select").first
        assert "conv" in classes.locator("option").all_inner_texts()
        classes.select_option("shuffle")
        rows = fold.locator("tbody tr:visible")
        assert rows.count() > 1
        assert all("shuffle" in row for row in rows.all_inner_texts())


def tells_and_picks(browser, path):
    with browser.page(path) as page:
        charts = page.locator("figure svg[aria-label*='per operator along']")
        bars = charts.first.locator(".mark")
        bars.nth(3).scroll_into_view_if_needed()
        bars.nth(3).hover()
        name = bars.nth(3).get_attribute("data-op")
        said = shown(page)
        assert said.startswith(name) and all(part in said for part in ("→", " ± ", " µs", "bound by")), said
        # A point of another chart tells the same.
        page.mouse.move(2, 2)
        dot = page.locator(f"figure svg[aria-label*='mult-adds against'] .mark[data-op='{name}']").first
        dot.scroll_into_view_if_needed()
        dot.focus()
        assert shown(page) == said, (shown(page), said)
        bars.first.focus()
        first = shown(page)
        page.keyboard.press("ArrowRight")
        assert shown(page) not in ("", first), "an arrow leads to the next bar"
        hot = lambda: {item.get_attribute("data-op") for item in page.locator(".mark.hot").all()}
        rows = lambda: page.locator("tr.hot td:first-child").evaluate_all("(cells) => cells.map((c) => c.textContent)")
        page.keyboard.press("Enter")
        second = bars.nth(1).get_attribute("data-op")
        assert hot() == {second} and page.locator(".mark.hot").count() >= 3 and set(rows()) == {second}
        page.keyboard.press("Escape")
        assert not hot() and not rows() and not shown(page)
        # From a table to the charts, by click and by key.
        row = page.locator("[data-ops] tbody tr:visible").first
        picked = row.locator("td").first.inner_text()
        row.click()
        assert hot() == {picked} and picked in rows()
        row.click()
        assert not hot()
        row.focus()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        assert len(hot()) == 1 and hot() != {picked}
        bars.nth(3).click()
        assert hot() == {name}


def is_whole_without_a_script_and_on_paper(browser, path):
    with browser.page(path) as page:
        page.emulate_media(media="print")
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        assert page.locator("details:not([open])").count() == 0
        page.evaluate("dispatchEvent(new Event('afterprint'))")
        assert page.locator("details:not([open])").count() > 0
        written = page.locator("td").count()
    with browser.page(path, java_script_enabled=False) as page:
        assert page.locator("td").count() == written
        assert page.locator(".mark > title").count() > 10
        assert page.locator("th button, .find, .tip").count() == 0


def main():
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        first = reports(Path(folder))
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        browser = Browser(chromium)
        network = next((first["example"].parent / "networks").glob("shufflenet_v2-folded-*.html"))
        for path in (*first.values(), network):
            assert path.stat().st_size <= MOST_BYTES, (path, path.stat().st_size)
            fits(browser, path)
        sorts_and_filters(browser, first["twelve"], 12)
        sorts_and_filters(browser, first["many"], 147)
        for path in (first["one"], network):
            filters_by_class(browser, path)
            tells_and_picks(browser, path)
            is_whole_without_a_script_and_on_paper(browser, path)
        chromium.close()


if __name__ == "__main__":
    main()
