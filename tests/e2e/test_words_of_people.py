"""What people write stays text: no link, no picture from elsewhere; and no click is lost."""

from playwright.sync_api import Page, expect

from tests.e2e.conftest import open_page
from tests.e2e.running_app import RunningApp

OUTSIDE = "evil.example"
WORDS = f"![a](http://{OUTSIDE}/a.png) www.{OUTSIDE} :material/home:"
CATEGORY = f"![a](http://{OUTSIDE}/b.png)"
LINKS = """() => {
  const found = [];
  const search = (root) => {
    for (const node of root.querySelectorAll("*")) {
      if (node.shadowRoot) search(node.shadowRoot);
      if (/evil/.test(node.href || node.src || "")) found.push(node.outerHTML);
    }
  };
  search(document);
  return found;
}"""


def test_words_of_people_are_no_markdown_anywhere(visitor: Page, other_app: RunningApp) -> None:
    page, asked = visitor, []
    page.on("request", lambda request: asked.append(request.url))
    change_pose(page, other_app)
    for path in ("pose_library", "poses", "audit"):
        open_page(page, f"{other_app.url}/{path}")
        assert page.evaluate(LINKS) == [], path
    assert [url for url in asked if OUTSIDE in url] == []


def change_pose(page: Page, app: RunningApp) -> None:
    """A pose whose category is hostile, changed for a hostile reason."""
    open_page(page, f"{app.url}/pose_library")
    page.get_by_role("radio", name="Standing", exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("combobox", name="Category").fill(CATEGORY)
    page.get_by_role("option", name="Add", exact=False).click()
    dialog.get_by_role("textbox", name="Reason").fill(WORDS)
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_have_count(0)


def test_the_click_that_leaves_a_corrected_field_starts(
    visitor: Page, other_app: RunningApp
) -> None:
    page = visitor
    open_page(page, f"{other_app.url}/mascots")
    page.get_by_role("textbox", name="Name").fill("Nova")
    page.get_by_role("textbox", name="Description").fill("a small blue owl")
    page.locator(".st-key-mascot_style input").click()
    page.get_by_role("option", name="Custom…").click()
    expect(page.get_by_text("The style is empty", exact=False)).to_be_visible()
    page.get_by_role("textbox", name="Style in words").fill("stained glass")
    page.get_by_role("button", name="Make 3 variations").click()
    expect(page.locator(".st-key-batches_mascots").get_by_text("Nova").first).to_be_visible()
