/** The look of a report: dark on white, whatever the reader's theme; tables and figures unbroken in print. */
export const reportStyle = `
:root { color-scheme: only light; }
* { box-sizing: border-box; }
body { margin: 0; background: #ffffff; color: #1b2733;
  font: 15px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
main { max-width: 1000px; margin: 0 auto; padding: 40px 24px 80px; }
h1 { font-size: 28px; line-height: 1.25; margin: 0 0 6px; }
h2 { font-size: 21px; line-height: 1.3; margin: 52px 0 10px; padding-top: 14px; border-top: 2px solid #12355b; }
h3 { font-size: 16px; margin: 28px 0 6px; }
p { margin: 8px 0; max-width: 78ch; }
.lead { color: #4a5763; margin: 0 0 20px; overflow-wrap: anywhere; }
.about, .aside, .lead, figcaption, caption { font-size: 13px; }
.about, figcaption, .none { color: #4a5763; }
nav ol { columns: 2; column-gap: 40px; padding-left: 22px; margin: 8px 0 0; font-size: 14px; max-width: 78ch; }
a { color: #005a96; }
dl.answers { margin: 12px 0; padding: 6px 20px 14px; background: #f4f6f8; border-left: 4px solid #12355b; }
dl.answers dt { font-weight: 600; margin-top: 10px; }
dl.answers dd { margin: 2px 0 0; max-width: 84ch; }
table { border-collapse: collapse; width: 100%; margin: 16px 0; font-size: 14px; line-height: 1.4; }
table.compact { width: auto; min-width: 50%; font-size: 13px; }
caption { text-align: left; color: #4a5763; padding-bottom: 6px; }
th, td { text-align: left; vertical-align: top; padding: 5px 12px 5px 0; border-bottom: 1px solid #dde2e7; }
thead th { border-bottom: 2px solid #8a96a3; vertical-align: bottom; }
tbody th { font-weight: 500; }
tr.group th { font-weight: 600; padding-top: 14px; background: none; }
th.level { padding-left: 16px; font-weight: 400; }
.number { font-variant-numeric: tabular-nums; }
th.number, td.number { text-align: right; padding-right: 0; padding-left: 14px; }
td.number + td:not(.number), td.number + th:not(.number), th.number + th:not(.number) { padding-left: 20px; }
td > .number, span.number, td.counts { white-space: nowrap; }
/* Sentences beside numbers: intervals go below their estimates, so that the sentences have room. */
table.readings span.number { white-space: normal; }
table.readings th:last-child { width: 32%; }
table.readings td.number { min-width: 8.5em; }
.published + .published { margin-top: 3px; }
.published { line-height: 1.3; }
a.ref { font-size: 10px; line-height: 1; vertical-align: super; margin-left: 2px; text-decoration: none;
  font-variant-numeric: tabular-nums; }
.records a.ref { font-size: 13px; vertical-align: baseline; }
figure { margin: 10px -20px; }
figure svg, figure img { display: block; max-width: 100%; height: auto; }
figure img, figcaption { margin-left: 20px; max-width: calc(100% - 40px); }
figcaption { margin-top: 4px; }
.aside { padding-left: 14px; border-left: 3px solid #dde2e7; margin: 10px 0; max-width: 96ch; }
ul.cautions li { margin: 6px 0; max-width: 84ch; }
table.records { font-size: 11.5px; line-height: 1.35; }
table.records td, table.records th { padding-top: 2px; padding-bottom: 2px; }
code { font: 12px/1.4 ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; overflow-wrap: anywhere; }
@media print {
  @page { margin: 16mm 14mm; }
  body { font-size: 10.5pt; }
  main { max-width: none; padding: 0; }
  nav { display: none; }
  table { font-size: 9pt; }
  h2, h3, tr.group { break-after: avoid; }
  figure, tr, dl.answers, .aside { break-inside: avoid; }
  thead { display: table-header-group; }
  a { color: inherit; text-decoration: none; }
  dl.answers { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
  figure { margin: 10px 0; -webkit-print-color-adjust: exact; print-color-adjust: exact; }
}
@media (max-width: 720px) {
  main { padding: 20px 12px 40px; overflow-x: auto; }
  nav ol { columns: 1; }
}
`;
