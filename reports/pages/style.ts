export const STYLE = `
:root { color-scheme: light; font: 15px/1.45 system-ui, sans-serif; color: #1b1f24; background: #fff; }
body { max-width: 1280px; margin: 2rem auto; padding: 0 1rem; }
h1 { margin: 0; } h2 { margin: 2.4rem 0 0; font-size: 1.25rem; } p { margin: 0.3rem 0 0.8rem; } .help, .subtitle { color: #57606a; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0.2rem 1.2rem; margin: 1rem 0; } dt { color: #57606a; } dd { margin: 0; }
nav { display: flex; flex-wrap: wrap; gap: 0.2rem 1rem; padding: 0.6rem 0; border-block: 1px solid #d0d7de; } a { color: #0550ae; }
.legend span { display: inline-block; margin-right: 1rem; } .legend i { display: inline-block; width: 0.9em; height: 0.9em;
margin-right: 0.35em; vertical-align: -0.1em; border-radius: 2px; }
.scroll { max-height: 30rem; overflow: auto; border: 1px solid #d0d7de; } table { border-collapse: collapse; width: 100%; font-size: 13px; }
th { position: sticky; top: 0; background: #f6f8fa; text-align: left; }
th, td { padding: 0.25rem 0.6rem; border-bottom: 1px solid #eaeef2; }
td { vertical-align: top; overflow-wrap: anywhere; } .short, .number { white-space: nowrap; }
.number { text-align: right; font-variant-numeric: tabular-nums; }
input { padding: 0.3rem; margin: 0.4rem 0; width: 20rem; font: inherit; } .count { color: #57606a; margin-left: 0.8rem; }
main { display: grid; grid-template-columns: 1fr 1fr; column-gap: 2rem; } section { grid-column: 1 / -1; min-width: 0; }
@media (min-width: 900px) { .half { grid-column: auto; } }
.drawing { overflow-x: clip; }
@media print { body { max-width: none; } .scroll { max-height: none; } input { display: none; } }
`;
