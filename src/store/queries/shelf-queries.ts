import type { QualityReason } from '../../readings/quality.ts';
import type { DeviceState } from '../../readings/reading.ts';
import type { Database } from '../database.ts';
import type { FacingView, LabelView, Queries } from '../views.ts';

interface FacingRow extends Omit<FacingView, 'countedBy' | 'trouble' | 'unit'> {
  readonly pieceGrams: number | null;
  readonly device: string | null;
  readonly deviceState: DeviceState | null;
  readonly deviceReason: QualityReason | null;
  /** One of its plates cannot be counted from. */
  readonly isIll: 0 | 1;
}

const facingsSql = (where: '' | 'WHERE f.gtin = ?') => `
  SELECT f.facing, f.fixture, f.shelf, f.position, f.gtin, coalesce(i.name, f.gtin) AS name,
    coalesce(b.quantity, 0) AS quantity, f.capacity, f.minimum, coalesce(r.quantity, 0) AS backroom,
    f.label, b.changed_at_ms AS changedAtMs, f.device, i.piece_grams AS pieceGrams,
    f.facing IN (SELECT fact ->> 'facing' FROM latest_fact WHERE subject LIKE 'plate_trouble %'
      AND fact ->> 'state' = 'raised' AND fact ->> 'trouble' <> 'untared') AS isIll,
    d.state AS deviceState, d.reason AS deviceReason,
    CASE WHEN l.shown_gtin = f.gtin THEN l.shown_minor END AS priceShownMinor
  FROM site_facing f
  LEFT JOIN site_item i ON i.gtin = f.gtin
  LEFT JOIN balance b ON b.gtin = f.gtin AND b.place = 'shelf:' || f.facing
  LEFT JOIN balance r ON r.gtin = f.gtin AND r.place = 'backroom'
  LEFT JOIN device_state d ON d.device = f.device
  LEFT JOIN label_state l ON l.label = f.label
  ${where} ORDER BY f.fixture, f.shelf, f.position, f.facing`;

const labelsSql = (where: 'f.label IS NOT NULL' | 'f.label = ?') => `
  SELECT f.label, f.facing, f.gtin, coalesce(i.name, f.gtin) AS name,
    coalesce(p.currency, (SELECT value FROM meta WHERE key = 'currency')) AS currency,
    coalesce(p.price_minor, i.price_minor) AS wantedMinor,
    CASE WHEN l.shown_gtin = f.gtin THEN l.shown_minor END AS shownMinor,
    coalesce(l.state, 'never') AS state, l.detail, l.changed_at_ms AS changedAtMs
  FROM site_facing f
  LEFT JOIN site_item i ON i.gtin = f.gtin
  LEFT JOIN price p ON p.gtin = f.gtin
  LEFT JOIN label_state l ON l.label = f.label AND l.gtin = f.gtin
  WHERE ${where} ORDER BY f.fixture, f.shelf, f.position, f.facing`;

/** The planogram with its live counts, and what its labels show. A price counts as shown only for this item. */
export function createShelfQueries({
  connection,
}: Database): Pick<Queries, 'facings' | 'facingsOf' | 'labels' | 'labelOf'> {
  const facings = connection.prepare<[], FacingRow>(facingsSql(''));
  const facingsOf = connection.prepare<[string], FacingRow>(facingsSql('WHERE f.gtin = ?'));
  const labels = connection.prepare<[], LabelView>(labelsSql('f.label IS NOT NULL'));
  const labelOf = connection.prepare<[string], LabelView>(labelsSql('f.label = ?'));
  return {
    facings: () => facings.all().map(facingView),
    facingsOf: gtin => facingsOf.all(gtin).map(facingView),
    labels: () => labels.all(),
    labelOf: label => labelOf.get(label) ?? null,
  };
}

function facingView({
  device,
  deviceState,
  deviceReason,
  isIll,
  pieceGrams,
  ...facing
}: FacingRow): FacingView {
  return {
    ...facing,
    ...(pieceGrams !== null && { unit: 'g' as const }),
    countedBy: device === null ? 'documents' : 'weights',
    trouble: troubleOf(deviceState, deviceReason) ?? (isIll === 1 ? 'device' : null),
  };
}

function troubleOf(state: DeviceState | null, reason: QualityReason | null): QualityReason | null {
  if (state === 'offline') return reason ?? 'comms';
  if (state === 'degraded') return reason ?? 'device';
  return null;
}
