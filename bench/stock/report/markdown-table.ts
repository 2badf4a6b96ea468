/** A Markdown table; cells are texts already. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const rule = head.map((_, i) => (i === 0 ? '---' : '---:'));
  return [line(head), line(rule), ...rows.map(line)].join('\n');
}

/** A number with so many decimals; a dash for what was not measured. */
export const fixed = (value: number | null | undefined, decimals: number): string =>
  value === null || value === undefined || Number.isNaN(value) ? '–' : value.toFixed(decimals);
