/**
 * The look of the report. No fonts or pictures to load; light and dark by the reader's setting, always light on paper. Left is orange
 * and stayed is blue (told apart with every common colour blindness), and each also has a place, a mark or a word of its own.
 */
export const STYLE = `
:root{color-scheme:light dark;--page:#f3f5f8;--paper:#fff;--ink:#18212c;--soft:#566171;--line:#d5dbe3;--grid:#e5e9ef;
--stayed:#1d6f93;--stayed-text:#1a6383;--left:#d2571f;--left-text:#b0430f;--plain:#66728a;
--tells:#17703f;--tells-bg:#e7f5ec;--reserved:#855300;--reserved-bg:#fdf3dc;--not:#b3261e;--not-bg:#fdeceb;--unknown:#4d5a6b;--unknown-bg:#eceff4}
@media screen and (prefers-color-scheme:dark){:root{--page:#10141a;--paper:#1a2029;--ink:#e8edf3;--soft:#a9b4c2;--line:#36404d;--grid:#2a323d;
--stayed:#4aa6cf;--stayed-text:#7cc4e4;--left:#f08a55;--left-text:#ffab80;--plain:#93a0b5;
--tells:#62d195;--tells-bg:#15291f;--reserved:#f2c063;--reserved-bg:#2c2413;--not:#ff958c;--not-bg:#331b1a;--unknown:#b6c1cf;--unknown-bg:#232b36}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{margin:0;background:var(--page);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,"Noto Sans",sans-serif;overflow-wrap:break-word}
tbody th,td.text,li,h1,.brand,.told,dd,.note{overflow-wrap:anywhere}
.rows td.figure,.date{white-space:nowrap}
.page{max-width:1080px;margin:0 auto;padding:20px 24px 48px}
.brand{margin:0 0 14px;color:var(--soft)}
.brand b{color:var(--ink)}
h1{font-size:clamp(1.5rem,1.1rem + 2vw,2.25rem);line-height:1.15;margin:.35em 0 .5em;letter-spacing:-.015em;text-wrap:balance}
h2{font-size:1.3rem;line-height:1.25;margin:0 0 .3em;letter-spacing:-.01em}
h3{font-size:1.02rem;line-height:1.3;margin:1.2em 0 .3em}
article>h3:first-child{margin-top:0}
p{margin:0 0 .8em}
small{display:block;font-size:.8rem;line-height:1.35;color:var(--soft);font-weight:400}
.intro{color:var(--soft);max-width:46rem;font-size:.95rem}
.note{color:var(--soft);font-size:.87rem;margin:.8em 0 0}
section,.verdict{background:var(--paper);border:1px solid var(--line);border-radius:14px;padding:24px;margin:0 0 18px}
.verdict{border-top:6px solid var(--tone)}
.verdict.tells{--tone:var(--tells);--tone-bg:var(--tells-bg)}
.verdict.reserved{--tone:var(--reserved);--tone-bg:var(--reserved-bg)}
.verdict.not{--tone:var(--not);--tone-bg:var(--not-bg)}
.verdict.unknown{--tone:var(--unknown);--tone-bg:var(--unknown-bg)}
.badge{display:inline-flex;align-items:center;gap:.5em;margin:0;padding:.2em .8em .2em .35em;border-radius:99px;background:var(--tone-bg);color:var(--tone);font-weight:650;font-size:.92rem}
.sign{display:inline-grid;place-items:center;width:1.5em;height:1.5em;border-radius:50%;background:var(--tone);color:var(--paper);font-weight:800}
.told{max-width:52rem;font-size:1.05rem}
.tiles{display:grid;grid-template-columns:repeat(4,1fr);gap:12px;margin:20px 0}
.tile{border:1px solid var(--line);border-radius:10px;padding:12px 14px;min-width:0}
.tile dt{font-size:.85rem;color:var(--soft)}
.tile dd{margin:0}
.tile strong{display:block;font-size:1.75rem;line-height:1.25;letter-spacing:-.02em;font-variant-numeric:tabular-nums}
.gauge{display:block;padding:0 6px}
.audiences{display:grid;grid-template-columns:1fr 1fr;gap:24px;border-top:1px solid var(--line);padding-top:16px}
.audiences h2{font-size:1rem}
.audiences p{margin:0}
.findings{border-left:6px solid var(--reserved)}
.findings.tells{border-left-color:var(--tells)}
.findings.not{border-left-color:var(--not)}
.findings.unknown{border-left-color:var(--unknown)}
.findings ol{margin:.4em 0 0;padding-left:1.4em}
.findings li{margin:0 0 .55em;padding-left:.25em}
.findings p,.findings li:last-child{margin-bottom:0}
nav ul{display:flex;flex-wrap:wrap;gap:8px;list-style:none;margin:0 0 18px;padding:0}
nav a{display:block;padding:.3em .85em;border:1px solid var(--line);border-radius:99px;background:var(--paper);color:var(--ink);text-decoration:none;font-size:.9rem}
nav a:hover{border-color:var(--stayed);color:var(--stayed-text)}
:focus-visible{outline:2px solid var(--stayed);outline-offset:2px}
.pair{display:grid;grid-template-columns:repeat(2,minmax(0,1fr));gap:8px 40px;margin-top:14px}
.pair article{min-width:0}
.chart{margin:8px 0 0}
.plot{display:block;width:100%;max-width:460px;height:auto;overflow:visible}
.plot text,.scale text{font-family:inherit;fill:var(--soft)}
.plot .tick,.plot .axis-title{font-size:11.5px}
.plot .axis-title{font-style:italic}
.plot .label{font-size:12.5px;font-weight:600}
.scale .tick{font-size:11.5px;font-weight:400}
.grid{stroke:var(--grid);stroke-width:1}
.axis{stroke:var(--soft);stroke-width:1}
.edge{stroke:var(--soft);stroke-width:1;stroke-dasharray:3 3}
.ideal{stroke:var(--soft);stroke-width:1.5;stroke-dasharray:5 4}
.mean{stroke-width:2}
.whisker{stroke:var(--ink);stroke-width:1.5;fill:none}
rect.stayed,circle.stayed{fill:var(--stayed)}
rect.left,circle.left{fill:var(--left)}
rect.plain,circle.plain{fill:var(--plain)}
.stayed-line{stroke:var(--stayed);stroke-width:2.5;fill:none}
.left-line{stroke:var(--left);stroke-width:2.5;fill:none}
.mean.stayed-line,.mean.left-line{stroke:var(--ink);stroke-width:1.5}
.plot .stayed-text{fill:var(--stayed-text)}
.plot .left-text{fill:var(--left-text)}
.mark{fill:var(--paper);stroke:var(--ink);stroke-width:1.5}
.track,.scale,.columns{display:block;overflow:visible}
.track .soft{rx:2px}
table{width:100%;border-collapse:collapse;font-size:.93rem}
caption,.heard{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
th,td{padding:8px 10px;border-bottom:1px solid var(--line);text-align:left;vertical-align:middle;font-weight:400}
tr>:first-child{padding-left:0}
tr>:last-child{padding-right:0}
tbody tr:last-child>*{border-bottom:0}
thead th{color:var(--soft);font-size:.82rem;vertical-align:bottom;padding-top:0}
tbody th{font-weight:600}
.figure{text-align:right;font-variant-numeric:tabular-nums}
td.figure strong{font-size:1.02rem}
.rows .name{width:26%}
.rows .wide{width:48%}
.pair .rows .name{width:30%}
.pair .rows .wide{width:46%}
.rows.long .name{width:34%}
.rows.long .wide{width:44%}
.figures .name,.figures .wide{width:auto}
.strip{display:grid;grid-template-columns:2.6em minmax(0,1fr) 2.6em;gap:8px;align-items:center;font-size:.85rem;font-variant-numeric:tabular-nums}
.strip b{font-weight:400;color:var(--soft)}
.strip small{grid-column:2/-1}
.strip .value{text-align:right}
.stacked .strip{grid-template-columns:minmax(0,1fr) 2.6em}
.stacked .name{width:24%}
.stacked .wide{width:21%}
.fifths{display:flex;font-size:.75rem;color:var(--soft);font-variant-numeric:tabular-nums}
.fifths span{flex:1;text-align:center}
.chip{display:inline-block;margin:.25em .4em 0 0;padding:0 .6em;border:1px solid var(--line);border-radius:99px;font-size:.75rem;line-height:1.6;color:var(--soft);font-weight:400}
.chip.warn{border-color:var(--reserved);color:var(--reserved);background:var(--reserved-bg)}
.cannot{border:1px dashed var(--line);border-radius:10px;padding:16px;color:var(--soft);margin:8px 0}
.reasons{margin:.4em 0 .8em;padding-left:1.2em;color:var(--soft);font-size:.93rem}
.inner{padding-left:1em;font-weight:400;display:inline-block}
.figures summary,.more summary{cursor:pointer;color:var(--stayed-text);font-size:.9rem;margin-top:8px;width:max-content}
.figures table{margin-top:6px;max-width:460px}
.figures th,.figures td{padding-top:4px;padding-bottom:4px}
.facts>div,.words>div{display:grid;grid-template-columns:9rem minmax(0,1fr);gap:12px;padding:6px 0;border-bottom:1px solid var(--line)}
.facts,.words{margin:0 0 18px}
.words{margin-bottom:0}
.words>div:last-child,.facts>div:last-child{border-bottom:0}
dt{color:var(--soft)}
.facts dd,.words dd{margin:0}
footer{color:var(--soft);font-size:.87rem;padding:0 4px}
@media (max-width:760px){
.page{padding:12px 10px 32px}
section,.verdict{padding:16px 14px;border-radius:12px}
.tiles{grid-template-columns:1fr 1fr}
.audiences,.pair{grid-template-columns:minmax(0,1fr)}
.pair{gap:28px}
.stacked thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.stacked,.stacked tbody{display:block}
.stacked tr{display:grid;grid-template-columns:1fr 1fr;gap:4px 16px;padding:12px 0;border-bottom:1px solid var(--line)}
.stacked tbody tr:last-child{border-bottom:0}
.stacked th,.stacked td,.stacked .name,.stacked .wide{display:block;width:auto;padding:0;border:0;text-align:left}
.stacked .name,.stacked .wide,.stacked .text:last-child{grid-column:1/-1}
.stacked [data-label]::before{content:attr(data-label) " ";display:block;font-size:.78rem;color:var(--soft)}
.facts>div,.words>div{grid-template-columns:1fr;gap:0}
.rows th,.rows td{padding-left:6px;padding-right:6px}
.rows .name,.pair .rows .name{width:34%}
.rows .wide,.pair .rows .wide{width:38%}
.rows.long .name{width:46%}
.rows.long .wide{width:28%}
}
@media print{
@page{margin:14mm 12mm}
:root{--page:#fff}
*{print-color-adjust:exact;-webkit-print-color-adjust:exact}
body{font-size:10.5pt}
.page{max-width:none;padding:0}
nav,.figures:not([open]){display:none}
th,td{padding-top:4px;padding-bottom:4px}
.intro,.note{font-size:.87rem}
section,.verdict{border-radius:0;border-width:0 0 1px;padding:14px 0;margin:0}
.verdict{border-top-width:6px}
.findings{border-left:0}
article,figure,tr,li,.intro,.told,.tile,.chart,.audiences>div,.facts>div,.words>div{break-inside:avoid}
h1,h2,h3,.intro{break-after:avoid}
thead{display:table-header-group}
a{color:inherit}
}
`;
