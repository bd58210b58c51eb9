(function () {
'use strict';
var D = JSON.parse(document.getElementById('data').textContent), W = D.words;
var start = {q: D.q.length - 1, s: 0, c: 0}, now = Object.assign({}, start);
var WHOLE = 100000, SMALL = 1, BROKEN = 2, HIGH = 4, LOW = 8, INSIDE = 16, HIDDEN = 32;
// A figure: quarter, place, service, group, value, low, high, count, of, flags, reported, expected, and of waits p90, joined, left.
var found = {};
['need', 'wait'].forEach(function (m) {
  found[m] = new Map();
  D[m].forEach(function (r) {
    found[m].set(r.slice(0, 4).join(), {v: r[4], lo: r[5], hi: r[6], n: r[7], of: r[8], f: r[9], rep: r[10], exp: r[11], p90: r[12], inn: r[13], out: r[14]});
  });
});
function at(m, q, p, s, c) { return found[m].get([q, p, s, c].join()); }
function list(by) { return by === 'place' ? D.p : by === 'service' ? D.s : D.c; }
function figure(m, by, i, q) {
  return by === 'place' ? at(m, q, i, now.s, now.c) : by === 'service' ? at(m, q, 0, i, now.c) : at(m, q, 0, now.s, i);
}
function rows(m, by) {
  var out = list(by).slice(1).map(function (x, i) { return {k: x.k, kind: x.c, name: x.n, i: i + 1, f: figure(m, by, i + 1, now.q)}; });
  if (by !== 'place') out = out.filter(function (r) { return r.f; });
  // Groups of one kind stand together.
  return out.sort(function (a, b) { return by === 'group' && a.kind !== b.kind ? a.i - b.i : value(b.f) - value(a.f) || a.i - b.i; });
}
function value(f) { return f && f.v !== null ? f.v : -1; }
function silent(f) { return f && f.exp > 0 && f.rep === 0; }
function fill(text, values) { return text.replace(/\{(\d)\}/g, function (_, n) { return values[n]; }); }
function number(n) { return n === null || n === undefined ? '–' : Math.round(n).toString().replace(/\B(?=(\d{3})+$)/g, W.thousand); }
function show(m, v) { return v === null || v === undefined ? '–' : m === 'need' ? fill(W.percent, [Math.round(v * 100 / WHOLE)]) : number(v); }
function mark(f) { return f && f.f & SMALL ? '\u00a0†' : ''; }
function between(m, f) {
  if (!f || f.lo === null) return '–';
  return f.hi === null ? fill(W.more_than, [show(m, f.lo)]) : fill(W.between, [show(m, f.lo), show(m, f.hi)]);
}
function reading(f) {
  if (!f) return W.no_figure;
  if (silent(f)) return W.silent;
  if (f.f & HIDDEN) return W.hidden;
  if (f.v === null) return f.lo === null ? W.no_figure : W.open;
  var out = [];
  if (f.f & HIGH) out.push('▲ ' + W.high);
  if (f.f & LOW) out.push('▼ ' + W.low);
  if (f.f & INSIDE) out.push(W.within);
  if (f.f & SMALL) out.push(W.small);
  return out.join('; ') || '–';
}
function covered(f) {
  if (!f || !f.exp) return '–';
  if (f.exp === 1) return f.rep ? W.all_reported_one : W.none_reported;
  return f.rep === f.exp ? fill(W.all_reported, [f.exp]) : fill(f.exp - f.rep === 1 ? W.not_reported_one : W.not_reported, [f.exp - f.rep, f.exp]);
}
function make(name, attributes, text) {
  var e = document.createElementNS('http://www.w3.org/2000/svg', name);
  Object.keys(attributes || {}).forEach(function (a) { e.setAttribute(a, attributes[a]); });
  if (text !== undefined) e.textContent = text;
  return e;
}
function tag(name, text, parent) { var e = document.createElement(name); if (text !== undefined) e.textContent = text; if (parent) parent.appendChild(e); return e; }
function ceiling(v) { var p = Math.pow(10, Math.floor(Math.log10(v))); return [1, 1.5, 2, 3, 4, 5, 6, 8, 10].map(function (x) { return x * p; }).find(function (x) { return x >= v; }); }
function marker(x, y, f) {
  var c = 'mk' + (f.f & SMALL ? ' small' : '');
  if (f.f & HIGH) return make('path', {'class': c, d: 'M' + x + ' ' + (y - 9) + 'l9 15h-18z'});
  if (f.f & LOW) return make('path', {'class': c, d: 'M' + x + ' ' + (y + 9) + 'l9 -15h-18z'});
  return make('circle', {'class': c, cx: x, cy: y, r: 6.5});
}
// Where the page is narrow, as on a telephone, name and figure stand above their line.
function dots(svg) {
  var m = svg.dataset.dots, by = svg.dataset.by, all = rows(m, by), narrow = svg.parentNode.clientWidth < 480;
  var left = narrow ? 22 : by === 'group' ? 290 : 200, right = left + (narrow ? 308 : 230), y = narrow ? 62 : 44, step = narrow ? 48 : 30, letters = narrow ? 24 : left / 8.5;
  var top0 = narrow ? y - 32 : y - 18, highest = m === 'need' ? WHOLE : all.reduce(function (a, r) { return r.f && !silent(r.f) ? Math.max(a, r.f.v || 0, r.f.hi || 0, r.f.p90 || 0) : a; }, 1);
  var top = m === 'need' ? WHOLE : ceiling(highest), height = y + step * all.length + 8;
  function x(v) { return left + (right - left) * Math.min(v, top) / top; }
  function open(cy) { return make('path', {'class': 'late', d: 'M' + (right - 6) + ' ' + (cy - 6) + 'l7 6l-7 6'}); }
  function name(cy, text) { return make('text', narrow ? {x: 4, y: cy - 12} : {x: left - 12, y: cy + 5, 'text-anchor': 'end'}, text); }
  function said(cy, text) { return make('text', narrow ? {x: right + 18, y: cy - 12, 'text-anchor': 'end'} : {x: right + 14, y: cy + 5}, text); }
  svg.setAttribute('viewBox', '0 0 ' + (right + (narrow ? 22 : 178)) + ' ' + height);
  svg.classList.toggle('narrow', narrow);
  svg.replaceChildren();
  [0, 0.25, 0.5, 0.75, 1].forEach(function (t) {
    svg.appendChild(make('line', {'class': 'axis', x1: x(t * top), x2: x(t * top), y1: top0 + 4, y2: height}));
    svg.appendChild(make('text', {'class': 'tick', x: x(t * top), y: top0, 'text-anchor': 'middle'}, show(m, t * top)));
  });
  var whole = by === 'place' ? at(m, now.q, 0, now.s, now.c) : by === 'service' ? at(m, now.q, 0, 0, now.c) : at(m, now.q, 0, now.s, 0);
  if (whole && whole.v !== null) {
    svg.appendChild(make('line', {'class': 'whole', x1: x(whole.v), x2: x(whole.v), y1: top0 + 4, y2: height}));
    svg.appendChild(make('text', {'class': 'ref', x: x(whole.v), y: 12, 'text-anchor': 'middle'}, (by === 'place' ? W.whole : list(by)[0].n) + ' ' + show(m, whole.v)));
  }
  all.forEach(function (r, i) {
    var cy = y + step * i + 10, f = r.f, g = make('g');
    g.appendChild(make('title', {}, r.name + ': ' + (f ? show(m, f.v) + ' (' + between(m, f) + '). ' : '') + reading(f) + '. ' + covered(f)));
    g.appendChild(name(cy, r.name.length > letters ? r.name.slice(0, letters - 1) + '…' : r.name));
    if (!f || f.v === null) {
      if (f && f.lo !== null) { g.appendChild(make('line', {'class': 'iv', x1: x(f.lo), x2: right, y1: cy, y2: cy})); g.appendChild(open(cy)); }
      if (silent(f)) g.appendChild(make('rect', {'class': 'area silent', x: left, y: cy - 8, width: right - left, height: 16}));
      g.appendChild(said(cy, silent(f) ? W.silent : f && f.lo !== null ? fill(W.days, [between(m, f)]) : f && f.f & HIDDEN ? '*' : W.no_figure));
    } else {
      if (f.lo !== null) g.appendChild(make('line', {'class': 'iv', x1: x(f.lo), x2: x(f.hi === null ? top : f.hi), y1: cy, y2: cy}));
      if (f.lo !== null && f.hi === null) g.appendChild(open(cy));
      if (f.p90 !== undefined && f.p90 !== null) g.appendChild(make('line', {'class': 'late', x1: x(f.p90), x2: x(f.p90), y1: cy - 8, y2: cy + 8}));
      g.appendChild(marker(x(f.v), cy, f));
      var text = m === 'need' ? show(m, f.v) + '  ' + fill(W.of, [number(f.n), number(f.of)]) : fill(W.days, [number(f.v)]);
      g.appendChild(said(cy, text + mark(f) + (f.exp > f.rep ? ' ◐' : '')));
    }
    svg.appendChild(g);
  });
}
function map(svg) {
  svg.querySelectorAll('[data-k]').forEach(function (g) {
    var i = D.p.findIndex(function (p) { return p.k === g.dataset.k; }), f = figure('need', 'place', i, now.q), quiet = silent(f);
    var has = f && f.v !== null && !quiet, level = has ? Math.min(4, Math.floor(f.v * 5 / WHOLE)) : -1;
    g.querySelector('.area').setAttribute('class', 'area ' + (quiet ? 'silent' : has ? 'c' + level : 'none') + (f && f.f & HIGH ? ' more' : ''));
    g.setAttribute('class', quiet ? 'plate' : level > 2 ? 'dark' : '');
    var said = quiet ? W.silent_short : has ? show('need', f.v) + mark(f) + (f.f & HIGH ? ' ▲' : f.f & LOW ? ' ▼' : '') + (f.exp > f.rep ? ' ◐' : '') : f && f.f & HIDDEN ? '*' : '–';
    (g.querySelector('.tv') || svg.querySelector('[data-v="' + CSS.escape(g.dataset.k) + '"]')).textContent = said;
    g.querySelector('title').textContent = D.p[i].n + ': ' + (has ? show('need', f.v) + ' (' + between('need', f) + '). ' : '') + reading(f) + '. ' + covered(f);
  });
}
function panels(box) {
  var m = box.dataset.panels, by = box.dataset.by;
  box.replaceChildren();
  list(by).forEach(function (item, i) {
    var series = D.q.map(function (_, q) { return figure(m, by, i, q); });
    if (!series.some(function (f) { return f && f.v !== null; })) return;
    var div = tag('div', undefined, box), svg = make('svg', {viewBox: '0 0 260 112', role: 'img'}), runs = [], last, n = Math.max(1, D.q.length - 1);
    tag('h3', item.n, div);
    function x(q) { return 34 + 178 * q / n; }
    function y(v) { return 90 - 80 * v / WHOLE; }
    [0, 0.5, 1].map(function (p) { return p * WHOLE; }).forEach(function (v) {
      svg.appendChild(make('line', {'class': 'axis', x1: 34, x2: 212, y1: y(v), y2: y(v)}));
      svg.appendChild(make('text', {'class': 'tick', x: 29, y: y(v) + 5, 'text-anchor': 'end'}, v * 100 / WHOLE));
    });
    series.forEach(function (f, q) {
      if (!f || f.v === null || silent(f)) { runs.push([]); return; }
      if (f.f & BROKEN) { runs.push([]); if (q) svg.appendChild(make('line', {'class': 'brk', x1: x(q - 0.5), x2: x(q - 0.5), y1: y(WHOLE), y2: y(0)})); }
      if (!runs.length) runs.push([]);
      runs[runs.length - 1].push([q, f]);
      last = [q, f];
    });
    runs.filter(function (r) { return r.length; }).forEach(function (r) {
      var up = r.map(function (p) { return x(p[0]) + ' ' + y(p[1].hi === null ? p[1].v : p[1].hi); }), down = r.map(function (p) { return x(p[0]) + ' ' + y(p[1].lo === null ? p[1].v : p[1].lo); }).reverse();
      if (r.length > 1) svg.appendChild(make('path', {'class': 'band', d: 'M' + up.concat(down).join('L') + 'Z'}));
      svg.appendChild(make('path', {'class': 'line', d: 'M' + r.map(function (p) { return x(p[0]) + ' ' + y(p[1].v); }).join('L')}));
      r.forEach(function (p) { svg.appendChild(make('circle', {'class': 'mk' + (p[1].f & SMALL ? ' small' : ''), cx: x(p[0]), cy: y(p[1].v), r: r.length > 8 ? 2 : 3.5})); });
    });
    if (last) svg.appendChild(make('text', {x: Math.min(x(last[0]) + 7, 218), y: y(last[1].v) + 5}, show(m, last[1].v)));
    svg.appendChild(make('text', {'class': 'tick', x: 34, y: 108}, D.q[0]));
    if (n > 1 || D.q.length > 1) svg.appendChild(make('text', {'class': 'tick', x: 212, y: 108, 'text-anchor': 'end'}, D.q[D.q.length - 1]));
    svg.setAttribute('aria-label', item.n + ': ' + series.map(function (f, q) { return D.q[q] + ' ' + (f ? show(m, f.v) : '–') + (f && f.f & BROKEN ? ' (' + W.broken + ')' : ''); }).join(', '));
    div.appendChild(svg);
  });
}
function table(t) {
  var m = t.dataset.table, by = t.dataset.by, body = t.tBodies[0];
  body.replaceChildren();
  var all = t.dataset.time ? list(by).map(function (x, i) { return {name: x.n, i: i}; }) : rows(m, by);
  all.forEach(function (r) {
    var cells, f = r.f, tr = document.createElement('tr');
    if (t.dataset.time) cells = D.q.map(function (_, q) { var g = figure(m, by, r.i, q); return (g && g.f & BROKEN ? '| ' : '') + (silent(g) ? W.silent_short : g && g.f & HIDDEN ? '*' : g ? show(m, g.v) + mark(g) : '–'); });
    else if (m === 'need') cells = f ? [number(f.of), number(f.n), show(m, f.v) + mark(f), between(m, f), reading(f), covered(f)] : ['–', '–', '–', '–', reading(f), '–'];
    else cells = f ? [number(f.n), show(m, f.v) + mark(f), between(m, f), number(f.p90), number(f.inn), number(f.out), reading(f), covered(f)] : ['–', '–', '–', '–', '–', '–', reading(f), '–'];
    if (t.dataset.time && cells.every(function (c) { return c === '–'; })) return;
    tag('th', r.name, tr).scope = 'row';
    cells.forEach(function (c) { tag('td', c, tr); });
    body.appendChild(tr);
  });
}
function refresh(tell) {
  document.querySelectorAll('[data-dots]').forEach(dots);
  document.querySelectorAll('[data-map]').forEach(map);
  document.querySelectorAll('[data-panels]').forEach(panels);
  document.querySelectorAll('[data-table]').forEach(table);
  var s = D.s[now.s].n, c = D.c.length > 1 ? [D.c[now.c].n] : [], q = D.q[now.q];
  document.querySelectorAll('[data-now]').forEach(function (e) {
    var by = e.dataset.now;
    e.textContent = '(' + (by === 'place' ? [s].concat(c, q) : by === 'service' ? c.concat(q) : [s, q]).join(', ') + ')';
  });
  var whole = at('need', now.q, 0, now.s, now.c);
  if (tell) document.getElementById('said').textContent = fill(W.shown, [[s].concat(c, q).join(', ')]) + ' ' + (whole && whole.v !== null ? fill(W.shown_value, [show('need', whole.v), number(whole.n), number(whole.of)]) : W.shown_none);
}
function options(id, items, chosen) {
  var select = document.getElementById(id);
  items.forEach(function (text, i) { var o = tag('option', text, select); o.value = i; o.defaultSelected = o.selected = i === chosen; });
  select.addEventListener('change', function () { now[id.slice(2)] = +select.value; refresh(true); });
}
options('f-s', D.s.map(function (x) { return x.n; }), start.s);
options('f-c', D.c.map(function (x) { return x.n; }), start.c);
options('f-q', D.q, start.q);
document.getElementById('l-c').hidden = D.c.length < 2;
window.addEventListener('resize', function () { document.querySelectorAll('[data-dots]').forEach(dots); });
var form = document.getElementById('filters');
form.addEventListener('reset', function () { now = Object.assign({}, start); setTimeout(function () { refresh(true); }); });
form.addEventListener('submit', function (e) { e.preventDefault(); });
form.hidden = false;
document.querySelectorAll('.js').forEach(function (e) { e.hidden = false; });
document.querySelectorAll('details').forEach(function (e) { e.open = false; });
refresh(false);
})();
