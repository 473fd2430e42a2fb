// What is wider than the screen scrolls, so it can be reached with the Tab key; what fits is passed over.
const reach = () => document.querySelectorAll(".wide").forEach(box => {
  if (box.scrollWidth > box.clientWidth) box.tabIndex = 0; else box.removeAttribute("tabindex");
});
addEventListener("load", reach);
addEventListener("resize", reach);
