const TABS = [
  ['/cloud', 'Overview'],
  ['/cloud/link', 'Link'],
] as const;

/** The pages about the cloud. */
export function CloudTabs({ path }: { path: (typeof TABS)[number][0] }) {
  return (
    <nav class="tabs" aria-label="Pages about the cloud">
      {TABS.map(([href, name]) => (
        <a class="tab" href={href} key={href} aria-current={href === path ? 'page' : undefined}>
          {name}
        </a>
      ))}
    </nav>
  );
}
