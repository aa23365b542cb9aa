// What can be read of a page: for evaluation in the browser, `texts()` and what follows from it.

(() => {
  // The last of them leads to the content: Streamlit shows it to who comes there with the keyboard alone.
  const UNSEEN =
    "style, script, option, .replay-spoken, [data-testid=stDataFrame], [data-testid=stSidebar], .st-key-bottom-bar, a[href^='#']:not(:focus)";

  function texts() {
    const found = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node; (node = walker.nextNode());) {
      const element = node.parentElement;
      if (!node.textContent.trim() || element.closest(UNSEEN)) continue;
      if (!element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      const boxes = [...range.getClientRects()].filter((box) => box.width > 2 && box.height > 2);
      if (boxes.length) found.push({ node, element, boxes, text: node.textContent.trim().slice(0, 50) });
    }
    return found;
  }

  // In pixels of the screen, where a drawing is scaled as well.
  function size(element) {
    const scale = element.ownerSVGElement?.getScreenCTM().a ?? 1;
    return scale * Number.parseFloat(getComputedStyle(element).fontSize);
  }

  function smallTexts(least) {
    return texts()
      .filter(({ element }) => size(element) < least - 0.01)
      .map(({ text, element }) => `${size(element)}: ${text}`);
  }

  // Where the letters of a line are: its box is higher, and may touch that of a neighbour.
  function letters({ left, right, top, bottom }, type) {
    const middle = (top + bottom) / 2;
    return { left, right, top: middle - 0.4 * type, bottom: middle + 0.4 * type };
  }

  function collide(one, other) {
    const wide = Math.min(one.right, other.right) - Math.max(one.left, other.left);
    const high = Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top);
    return wide > 2 && high > 2;
  }

  function collisions() {
    const lines = texts().flatMap(({ boxes, text, element }) =>
      boxes.map((box) => ({ box: letters(box, size(element)), text })),
    );
    const pairs = lines.flatMap((one, place) => lines.slice(place + 1).map((other) => [one, other]));
    return pairs
      .filter(([one, other]) => collide(one.box, other.box))
      .map(([one, other]) => `${one.text} | ${other.text}`);
  }

  function cutOff() {
    return texts()
      .filter(({ boxes }) => boxes.some((box) => box.left < -1 || box.right > innerWidth + 1))
      .map(({ text }) => text);
  }

  window.legible = { smallTexts, collisions, cutOff };
})();
