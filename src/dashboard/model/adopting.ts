/** What a device of a kind has to be bound to, as questions of a form; the gateway has the last word. */
export interface BindField {
  readonly key: string;
  readonly label: string;
  readonly choices?: readonly string[];
}

const COLD: readonly BindField[] = [
  { key: 'unit', label: 'Name of the fridge or room' },
  { key: 'temperatureClass', label: 'Class', choices: ['chilled', 'frozen'] },
];

export const BIND_FIELDS: Readonly<Record<string, readonly BindField[]>> = {
  refrigeration: COLD,
  climate: COLD,
  footfall: [{ key: 'door', label: 'Door' }],
  shelf: [{ key: 'fixture', label: 'Fixture' }],
  till: [{ key: 'till', label: 'Till' }],
};

/** A device id made of whatever a stranger is called: lower-case letters, digits and hyphens. */
export function idFor(name: string): string {
  const id = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 48);
  return id === '' ? 'device-1' : id;
}
