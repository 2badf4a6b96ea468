const PATHS = {
  store: 'M3 9h18M3 20h18M5 9V5h4v4M11 9V3h4v6M5 20v-6h5v6M13 20v-4h5v4',
  task: 'M4 6.5 5.5 8 8 5M4 13l1.5 1.5L8 11.5M4 19.5 5.5 21 8 18M11 6.5h9M11 13h9M11 19.5h9',
  cold: 'M12 3v18M4.2 7.5l15.6 9M19.8 7.5l-15.6 9M9.5 4.5 12 7l2.5-2.5M9.5 19.5 12 17l2.5 2.5',
  people:
    'M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7ZM3 20c0-3.6 2.6-6 6-6s6 2.4 6 6M16 4.3a3.5 3.5 0 0 1 0 6.4M17.5 14.4c2.2.7 3.5 2.8 3.5 5.6',
  label: 'M3 7h13l5 5-5 5H3ZM16 12h.01M6.5 10.5v3M9.5 10.5v3M12 10.5v3',
  device: 'M7 7h10v10H7ZM10 3v4M14 3v4M10 17v4M14 17v4M3 10h4M3 14h4M17 10h4M17 14h4',
  cloud: 'M7 18a4.5 4.5 0 0 1-.4-9A6 6 0 0 1 18 10.2 4 4 0 0 1 17.5 18ZM12 16v-5M9.8 13 12 10.8 14.2 13',
  search: 'M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13ZM15.5 15.5 20 20',
  stages: 'M4 20v-4M8.5 20v-7M13 20V10M17.5 20V4',
  in: 'M12 5v13M6.5 12.5 12 18l5.5-5.5',
  out: 'M12 19V6M6.5 11.5 12 6l5.5 5.5',
  fix: 'M5 9h14M5 15h14',
  back: 'M15 5l-7 7 7 7',
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
