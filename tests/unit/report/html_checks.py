"""What a page must be, by the standard library's parser: whole, self-contained, open to everyone."""

from html.parser import HTMLParser

EMPTY = {"meta", "link", "img", "br", "hr"}
LOADED = {"src", "srcset", "data", "poster", "action"}


class Page(HTMLParser):
    """The tags of a page, and what is wrong with them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.wrong: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.named: list[str] = []
        self.headings: list[int] = []
        self.images: list[dict] = []
        self.feed(text)
        self.wrong += [f"<{tag}> is not closed" for tag in self.open]

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        if tag not in EMPTY:
            self.open.append(tag)
        if tag == "script":
            self.wrong.append("a script")
        if "id" in found:
            self.ids.append(found["id"])
        if tag == "a":
            self.links.append(found["href"])
        self.named += found.get("aria-labelledby", "").split()
        if tag in ("h1", "h2", "h3", "h4"):
            self.headings.append(int(tag[1]))
        if tag == "img":
            self.images.append(found)
        loaded = [found[name] for name in LOADED & set(found)] + ([found["href"]] if tag == "link" else [])
        self.wrong += [f"loads {url[:40]}" for url in loaded if not url.startswith("data:")]

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"</{tag}> closes nothing")


def faults(text: str) -> list[str]:
    """What is wrong with a page; empty if nothing is."""
    page, known = Page(text), set()
    wrong = list(page.wrong)
    for name in page.ids:
        wrong += [f"two ids {name}"] if name in known else []
        known.add(name)
    inside = [link[1:] for link in page.links if link.startswith("#")]
    wrong += [f"no place {name}" for name in [*inside, *page.named] if name not in known]
    wrong += [f"a picture without words: {list(image)}" for image in page.images if not image.get("alt")]
    wrong += [f"a picture without size: {list(image)}" for image in page.images if "width" not in image]
    steps = zip(page.headings, page.headings[1:], strict=False)
    wrong += [f"h{low} follows h{high}" for high, low in steps if low > high + 1]
    if page.headings[:1] != [1] or page.headings.count(1) > 1:
        wrong.append("not one h1, first of all")
    return wrong + (["a style that loads"] if "url(" in text or "@import" in text else [])
