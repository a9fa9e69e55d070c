// Runs inside the page: what a person's eye would notice. Plain JavaScript, since it is sent to the browser as it stands.
(() => {
  const shown = (element) =>
    element.getClientRects().length > 0 && !element.closest('details:not([open]) > :not(summary)');
  const box = (element) => element.getBoundingClientRect();
  /** Not there for eyes: read by screen readers alone. */
  const unseen = (element) =>
    element.closest('caption, .heard') !== null ||
    getComputedStyle(element.closest('thead') ?? element).clipPath !== 'none';
  const named = (element) =>
    `${element.tagName.toLowerCase()}.${element.getAttribute('class') ?? ''} "${(element.textContent ?? '').trim().slice(0, 40)}"`;
  const all = (selector) => [...document.querySelectorAll(selector)].filter(shown);
  const width = document.documentElement.clientWidth;

  const overflowing = all('body *').filter((e) => !unseen(e) && (box(e).right > width + 1 || box(e).left < -1));
  const squeezed = all('th, td, dd, dt, p, li, h1, h2, h3, small, strong, .chip').filter(
    (e) => !unseen(e) && e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).display !== 'inline',
  );

  const charts = all('svg.plot').map((svg) => {
    const frame = box(svg);
    const texts = [...svg.querySelectorAll('text')].map((text) => ({ text, at: box(text) }));
    const meets = ({ at: a }, { at: b }) =>
      Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1 &&
      Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 2;
    return {
      id: svg.id,
      width: frame.width,
      height: frame.height,
      marks: svg.querySelectorAll('rect, circle, polyline').length,
      smallest: Math.min(
        ...texts.map(
          ({ text }) => Number.parseFloat(getComputedStyle(text).fontSize) * (frame.width / svg.viewBox.baseVal.width),
        ),
      ),
      overlapping: texts.flatMap((a, i) =>
        texts
          .slice(i + 1)
          .filter((b) => meets(a, b))
          .map((b) => `${a.text.textContent} | ${b.text.textContent}`),
      ),
      outside: texts
        .filter(
          ({ at }) =>
            at.left < frame.left - 1 ||
            at.right > frame.right + 1 ||
            at.top < frame.top - 1 ||
            at.bottom > frame.bottom + 1,
        )
        .map(({ text }) => text.textContent),
    };
  });
  const small = all('svg.track, svg.columns').map((svg) => ({ width: box(svg).width, height: box(svg).height }));
  return {
    scroll: document.documentElement.scrollWidth - window.innerWidth,
    overflowing: overflowing.map(named),
    squeezed: squeezed.map(named),
    charts,
    small: {
      count: small.length,
      narrowest: Math.min(1e4, ...small.map((s) => s.width)),
      lowest: Math.min(1e4, ...small.map((s) => s.height)),
    },
    tallest: Math.max(0, ...all('article, figure, tr, .tiles').map((e) => box(e).height)),
    folded: document.querySelectorAll('details:not([open])').length,
    background: getComputedStyle(document.body).backgroundColor,
  };
})();
