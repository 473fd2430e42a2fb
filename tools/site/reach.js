// A box that is wider than the screen scrolls, so the Tab key must reach it; a box that fits is skipped.
const reach = () => document.querySelectorAll(".wide").forEach(box => {
  if (box.scrollWidth > box.clientWidth) box.tabIndex = 0; else box.removeAttribute("tabindex");
});
addEventListener("load", reach);
addEventListener("resize", reach);
