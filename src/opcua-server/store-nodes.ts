import type { Quality } from '../readings/quality.ts';
import type { ColdUnitView, FacingView, FootfallBinView, Queries } from '../store/views.ts';
import type { NodeSpec, NodeValue, Status } from './thread-messages.ts';

/** The store as nodes: Stock/<fixture>/<facing>, ColdUnits/<unit>, Doors/<door>. Node ids are in docs/opcua.md. */

export interface StoreNodes {
  readonly nodes: readonly NodeSpec[];
  /** Facings that found no room; they are not offered. */
  readonly leftOut: number;
}

const ROOT = 'store';

/** The nodes of a store as its planogram and its devices are now, at most `maxFacings` facings. */
export function storeNodes(queries: Queries, storeName: string, maxFacings: number): StoreNodes {
  const all = queries.facings();
  const facings = all.slice(0, maxFacings);
  const doors = new Set(
    queries.devices().flatMap(({ kind, boundTo }) => (kind === 'footfall' ? [boundTo] : [])),
  );
  return {
    leftOut: all.length - facings.length,
    nodes: [
      { id: ROOT, parent: null, name: 'Aisle', about: storeName },
      { id: 'stock', parent: ROOT, name: 'Stock' },
      variable('stock/empty', 'stock', 'EmptyFacings', 'Int32', 'facings with nothing on them'),
      ...stockNodes(facings),
      { id: 'cold', parent: ROOT, name: 'ColdUnits' },
      ...queries.coldUnits().flatMap(coldNodes),
      { id: 'doors', parent: ROOT, name: 'Doors' },
      ...[...doors].flatMap(doorNodes),
    ],
  };
}

const variable = (
  id: string,
  parent: string,
  name: string,
  type: NonNullable<NodeSpec['type']>,
  about: string,
): NodeSpec => ({ id, parent, name, type, about });

function stockNodes(facings: readonly FacingView[]): NodeSpec[] {
  return [...Map.groupBy(facings, ({ fixture }) => fixture)].flatMap(([fixture, its]) => [
    { id: `fixture/${fixture}`, parent: 'stock', name: fixture },
    ...its.map(({ facing, name, gtin }) =>
      variable(`facing/${facing}`, `fixture/${fixture}`, facing, 'Int32', `units of ${name} (${gtin}) here`),
    ),
  ]);
}

function coldNodes({ unit, minCelsius, maxCelsius }: ColdUnitView): NodeSpec[] {
  const id = `cold/${unit}`;
  const limits = `air temperature, degrees Celsius; its limits are ${minCelsius} to ${maxCelsius}`;
  return [
    { id, parent: 'cold', name: unit },
    variable(`${id}/temperature`, id, 'Temperature', 'Double', limits),
    variable(`${id}/alarm`, id, 'Alarm', 'String', 'too_warm, too_cold or no_data; empty when all is well'),
  ];
}

function doorNodes(door: string): NodeSpec[] {
  const id = `door/${door}`;
  return [
    { id, parent: 'doors', name: door },
    variable(`${id}/in`, id, 'PeopleInToday', 'Int32', "people in since the store's midnight"),
    variable(`${id}/out`, id, 'PeopleOutToday', 'Int32', "people out since the store's midnight"),
  ];
}

export const facingValue = ({ facing, quantity, trouble, changedAtMs }: FacingView): NodeValue => ({
  id: `facing/${facing}`,
  value: quantity,
  // The count still stands, but nothing confirms it while its weights cannot be trusted.
  status: trouble === null ? 'Good' : 'UncertainLastUsableValue',
  timeMs: changedAtMs,
});

export const emptyFacings = (count: number, nowMs: number): NodeValue => ({
  id: 'stock/empty',
  value: count,
  status: 'Good',
  timeMs: nowMs,
});

export function coldValues({ unit, temperature, alarms }: ColdUnitView, nowMs: number): NodeValue[] {
  const alarm = alarms[0]?.alarm ?? '';
  const measured: NodeValue = temperature
    ? {
        id: `cold/${unit}/temperature`,
        value: typeof temperature.value === 'number' ? temperature.value : null,
        status: statusOf(temperature.quality),
        timeMs: temperature.eventTimeMs,
      }
    : { id: `cold/${unit}/temperature`, value: null, status: 'BadWaitingForInitialData', timeMs: null };
  return [measured, { id: `cold/${unit}/alarm`, value: alarm, status: 'Good', timeMs: nowMs }];
}

/** People of one day at every door; `bins` are those of the day. A door that nobody passed has 0. */
export function doorValues(
  doors: readonly string[],
  bins: readonly FootfallBinView[],
  nowMs: number,
): NodeValue[] {
  const good = { status: 'Good', timeMs: nowMs } as const;
  return doors.flatMap(door => {
    const its = bins.filter(bin => bin.door === door);
    const sum = (key: 'in' | 'out') => its.reduce((total, bin) => total + bin[key], 0);
    return [
      { id: `door/${door}/in`, value: sum('in'), ...good },
      { id: `door/${door}/out`, value: sum('out'), ...good },
    ];
  });
}

/** Our quality as an OPC UA status; the mirror of how the client reads one. */
export function statusOf(quality: Quality): Status {
  if (quality.level === 'good') return 'Good';
  if (quality.level === 'uncertain') {
    return quality.reason === 'range' ? 'UncertainEngineeringUnitsExceeded' : 'UncertainLastUsableValue';
  }
  if (quality.reason === 'comms' || quality.reason === 'stale') return 'BadNoCommunication';
  return quality.reason === 'range' ? 'BadOutOfRange' : 'BadSensorFailure';
}
