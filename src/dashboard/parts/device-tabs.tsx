const TABS = [
  ['/devices', 'All'],
  ['/devices/lines', 'Lines'],
  ['/devices/new', 'Unknown'],
] as const;

/** The three pages about devices. */
export function DeviceTabs({ path }: { path: (typeof TABS)[number][0] }) {
  return (
    <nav class="tabs" aria-label="Pages about devices">
      {TABS.map(([href, name]) => (
        <a class="tab" href={href} key={href} aria-current={href === path ? 'page' : undefined}>
          {name}
        </a>
      ))}
    </nav>
  );
}
