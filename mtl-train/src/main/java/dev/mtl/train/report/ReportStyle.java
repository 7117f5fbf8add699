package dev.mtl.train.report;

/** How the report looks, in light and in dark. */
final class ReportStyle {
    static final String CSS =
            """

            :root { color-scheme: light dark; --ink: light-dark(#1b1f24, #e6e8eb); --soft: light-dark(#5d6673, #9aa4b1);
              --line: light-dark(#e1e5ea, #333a44); --card: light-dark(#fff, #1d2127); --page: light-dark(#f5f6f8, #14171b);
              --c0: light-dark(#1f5fd0, #7aa7ff); --c1: light-dark(#c2410c, #ff9d66); --c2: light-dark(#15803d, #5fd38d);
              --c3: light-dark(#9333ea, #c79bff); --c4: light-dark(#b45309, #f5c04d); --c5: light-dark(#0e7490, #5bd0e6);
              --c6: light-dark(#be185d, #ff8dbd); --c7: light-dark(#4b5563, #b6bfcb); }
            * { box-sizing: border-box; }
            body { margin: 0; background: var(--page); color: var(--ink); font: 15px/1.45 system-ui, sans-serif; }
            main { max-width: 1200px; margin: 0 auto; padding: 24px; display: grid; gap: 16px;
              grid-template-columns: repeat(auto-fit, minmax(min(100%, 520px), 1fr)); align-items: start; }
            h1, .tiles { grid-column: 1 / -1; margin: 0; }
            h1 { font-size: 24px; } h2 { font-size: 16px; margin: 0 0 8px; } p { color: var(--soft); margin: 0 0 8px; }
            section { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 16px; min-width: 0; }
            .tiles { list-style: none; padding: 0; display: flex; flex-wrap: wrap; gap: 8px; }
            .tiles li { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 8px 14px; }
            .tiles b { display: block; font-size: 18px; font-variant-numeric: tabular-nums; }
            .tiles span { color: var(--soft); font-size: 13px; }
            svg { width: 100%; height: auto; display: block; }
            svg text { fill: var(--soft); font-size: 12px; } svg .grid { stroke: var(--line); }
            svg .mark { stroke: var(--soft); stroke-dasharray: 4 4; } svg .curve { fill: none; stroke-width: 1.8; }
            .legend { display: flex; flex-wrap: wrap; gap: 4px 14px; font-size: 13px; }
            .legend i { display: inline-block; width: 14px; height: 3px; margin-right: 6px; vertical-align: middle; }
            table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
            .scores { width: 100%; } .scores th, .scores td { padding: 3px 8px; border-bottom: 1px solid var(--line); text-align: right; }
            .scores tr > :first-child { text-align: left; font-weight: 500; }
            .pairs tr > :nth-child(2) { text-align: left; font-weight: 500; }
            .wide { overflow: auto; } .confusion { font-size: 13px; } .confusion td { width: 34px; height: 28px; text-align: center; border: 1px solid var(--line); }
            .confusion tbody th { text-align: right; padding-right: 8px; font-weight: 500; }
            .confusion thead div { writing-mode: vertical-rl; transform: rotate(180deg); font-weight: 500; padding-top: 6px; }
            .right { background: color-mix(in srgb, var(--c0) calc(10% + 55% * var(--share)), transparent); }
            .wrong { background: color-mix(in srgb, var(--c1) calc(15% + 70% * var(--share)), transparent); }
            section:has(pre) { grid-column: 1 / -1; } .confusion thead th { vertical-align: bottom; }
            pre { overflow: auto; font: 12.5px/1.5 ui-monospace, monospace; margin: 0; }
            """;

    private ReportStyle() {}
}
