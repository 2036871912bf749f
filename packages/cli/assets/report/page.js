// Draws the charts of a report page with uPlot, in the colours of the style sheet.
(() => {
  const drawn = new Map();

  function draw(box) {
    drawn.get(box)?.destroy();
    const data = JSON.parse(document.getElementById(box.dataset.chart).textContent);
    const { x, xLabel, curves, log, cuts = [], held = [] } = data[box.dataset.index];
    const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
    const axis = {
      stroke: colour('soft'),
      font: '12px system-ui, sans-serif',
      grid: { stroke: colour('grid'), width: 1 },
      ticks: { show: false },
    };
    const options = {
      width: box.clientWidth,
      height: 220,
      scales: { x: { time: false }, y: log ? { distr: 3 } : {} },
      axes: [
        { ...axis, label: xLabel, labelFont: axis.font, labelSize: 18, size: 28, incrs: wholeSteps },
        { ...axis, size: 52, values: (_, ticks) => ticks.map((tick) => (tick === null ? '' : short(tick))) },
      ],
      series: [
        { label: xLabel.split(' ').at(-1), value: (_, value) => short(value) },
        ...curves.map(({ label, colour: number }) => ({
          label,
          stroke: colour(`curve-${number % 8}`),
          width: 2,
          dash: number >= 8 || number === 1 ? [5, 3] : undefined,
          points: { size: 5, show: x.length < 40, fill: colour(`curve-${number % 8}`) },
          value: (_, value) => short(value),
        })),
      ],
      legend: { live: true },
      cursor: { sync: { key: box.dataset.chart }, drag: { x: true, y: false } },
      hooks: { drawClear: [(plot) => mark(plot, cuts, held, colour)] },
    };
    drawn.set(box, new uPlot(options, [x, ...curves.map(({ values }) => values)], box));
  }

  /** Frames are whole numbers. */
  const wholeSteps = Array.from({ length: 8 }, (_, i) => [1, 2, 5].map((step) => step * 10 ** i)).flat();

  function short(value) {
    if (value === null || value === undefined) return '–';
    const size = Math.abs(value);
    return size > 0 && (size < 0.001 || size >= 1e6) ? value.toExponential(1) : String(Number(value.toPrecision(4)));
  }

  /** Where shots begin, and which frames have no face. */
  function mark(plot, cuts, held, colour) {
    const { ctx, bbox } = plot;
    const at = (value) => plot.valToPos(value, 'x', true);
    const inside = (value) => value >= plot.scales.x.min && value <= plot.scales.x.max;
    ctx.save();
    ctx.fillStyle = colour('held');
    const width = Math.max(2, at(1) - at(0));
    for (const frame of held.filter(inside)) ctx.fillRect(at(frame) - width / 2, bbox.top, width, bbox.height);
    ctx.strokeStyle = colour('soft');
    ctx.setLineDash([4, 4]);
    for (const frame of cuts.filter(inside)) {
      ctx.beginPath();
      ctx.moveTo(at(frame), bbox.top);
      ctx.lineTo(at(frame), bbox.top + bbox.height);
      ctx.stroke();
    }
    ctx.restore();
  }

  const boxes = document.querySelectorAll('[data-chart]');
  for (const box of boxes) draw(box);
  const observer = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      const plot = drawn.get(target);
      if (plot.width !== target.clientWidth) plot.setSize({ width: target.clientWidth, height: plot.height });
    }
  });
  for (const box of boxes) observer.observe(box);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => boxes.forEach(draw));
})();
