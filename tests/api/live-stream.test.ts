import { describe, expect, it } from 'vitest';
import { createLiveStream } from '../../src/api/live-stream.ts';
import { createCounters } from '../../src/shared/counters.ts';
import { limits } from '../../src/shared/limits.ts';
import { LAYOUT_FACINGS } from '../dashboard/demo-layout.ts';
import { demoStore } from '../dashboard/demo-store.ts';
import { manualClock } from '../support/manual-clock.ts';

const [first, second] = LAYOUT_FACINGS;
const document = { kind: 'document', key: 'd-1' } as const;

interface Told {
  readonly id: number;
  readonly event: string;
  readonly view: Record<string, unknown>;
}

/** A reader that keeps what it was sent, and can be made slow. */
function reader() {
  let text = '';
  const state = { unread: 0, closed: false, writes: 0 };
  const told = (): readonly Told[] =>
    text
      .split('\n\n')
      .filter(block => block.includes('event: '))
      .map(block => {
        const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1] ?? '';
        return { id: Number(field('id')), event: field('event'), view: JSON.parse(field('data')) };
      });
  const client = {
    write(more: string) {
      text += more;
      state.writes += 1;
    },
    unreadBytes: () => state.unread,
    close: () => {
      state.closed = true;
    },
  };
  return { state, client, told, text: () => text, names: () => told().map(({ event }) => event) };
}

function fixture() {
  const clock = manualClock();
  const counters = createCounters();
  const store = demoStore(clock);
  const stream = createLiveStream({ ...store, clock, counters });
  stream.start();
  const pick = (facing = first!, units = 1) =>
    store.move(facing.item.gtin, `shelf:${facing.facing}`, 'cart', units, document);
  return { clock, counters, store, stream, pick };
}

describe('the live stream', () => {
  it('greets a reader with the place in the log from which it will be told everything', () => {
    const { stream, pick, clock } = fixture();
    pick();
    const { client, told } = reader();
    stream.join(client);
    expect(told()).toEqual([{ id: 1, event: 'hello', view: { seq: 1, nowMs: clock.nowMs() } }]);
  });

  it('tells a lone change at once: the movement, then stock and facing as they are now', () => {
    const { stream, pick, clock, store } = fixture();
    const { client, told } = reader();
    stream.join(client);
    pick();
    clock.advance(0);
    const events = told().slice(1);
    expect(events.map(({ event }) => event)).toEqual(['movement', 'stock', 'facing']);
    expect(events.map(({ id }) => id)).toEqual([1, 1, 1]);
    expect(events[1]?.view).toEqual(store.queries.stockOf(first!.item.gtin));
    expect(events[2]?.view).toMatchObject({ facing: 'A1-1', quantity: -1 });
  });

  it('tells a burst within 50 ms: every movement, but each item and facing only once', () => {
    const { stream, pick, clock } = fixture();
    const { client, told } = reader();
    stream.join(client);
    pick();
    clock.advance(0);
    const before = told().length;
    for (let turn = 0; turn < 20; turn++) pick(turn % 2 === 0 ? first! : second!);
    clock.advance(49);
    expect(told()).toHaveLength(before);
    clock.advance(1);
    const names = told()
      .slice(before)
      .map(({ event }) => event);
    expect(names.filter(name => name === 'movement')).toHaveLength(20);
    expect(names.filter(name => name === 'stock')).toHaveLength(2);
    expect(names.filter(name => name === 'facing')).toHaveLength(2);
  });

  it('tells the last of many values of a point', () => {
    const { stream, clock, store } = fixture();
    const { client, told } = reader();
    stream.join(client);
    for (const celsius of [3, 4, 5]) store.setValue('dairy-case', 'air_temperature', 'Cel', celsius);
    clock.advance(0);
    expect(told().slice(1)).toMatchObject([{ event: 'value', view: { device: 'dairy-case', value: 5 } }]);
  });

  it('writes one and the same text to every reader', () => {
    const { stream, pick, clock } = fixture();
    const readers = [reader(), reader()];
    for (const { client } of readers) stream.join(client);
    pick();
    clock.advance(0);
    expect(readers[0]!.text()).toBe(readers[1]!.text());
    expect(readers.map(({ state }) => state.writes)).toEqual([2, 2]);
  });

  it('tells alarms, footfall, labels, devices and reservations by their own names', () => {
    const { stream, clock, store } = fixture();
    const { client, names } = reader();
    stream.join(client);
    const { gtin } = first!.item;
    const unit = { unit: 'Dairy case', device: 'dairy-case' };
    const facts = [
      {
        type: 'cold_alarm',
        ...unit,
        alarm: 'too_warm',
        state: 'raised',
        sinceMs: 0,
        celsius: 8,
        limitCelsius: 5,
        reason: null,
      },
      {
        type: 'footfall',
        door: 'Main door',
        device: 'door-main',
        minuteMs: clock.nowMs() - 60_000,
        in: 2,
        out: 1,
        rawIn: 2,
        rawOut: 1,
        suspect: false,
      },
      {
        type: 'label',
        label: 'label-a1-1',
        facing: 'A1-1',
        gtin,
        priceMinor: 199,
        currency: 'EUR',
        name: 'x',
        state: 'shown',
        commandId: 'c',
        detail: null,
      },
      { type: 'device', device: 'till-1', state: 'offline', reason: 'comms' },
    ] as const;
    store.tell({ kind: 'facts', entries: facts.map(store.record) });
    clock.advance(0);
    // The demo store has two doors.
    const events = ['alarm', 'stock', 'facing', 'cold', 'footfall', 'footfall', 'label', 'device'];
    expect(names().slice(1)).toEqual(events);
  });

  it('tells the facings of a shelf that fell silent, though nobody touched them', () => {
    const { stream, clock, store } = fixture();
    const { client, told } = reader();
    const silent = () =>
      store.tell({
        kind: 'facts',
        entries: [store.record({ type: 'device', device: 'shelf-a1', state: 'offline', reason: 'comms' })],
      });
    stream.join(client);
    for (let position = 1; position <= 5; position++) store.troubles.set(`A1-${position}`, 'comms');
    silent();
    clock.advance(0);
    const facings = told().filter(({ event }) => event === 'facing');
    expect(facings.map(({ view }) => view.facing)).toEqual(['A1-1', 'A1-2', 'A1-3', 'A1-4', 'A1-5']);
  });

  it('drops a reader that does not read, counts it, and goes on with the others', () => {
    const { stream, pick, clock, counters } = fixture();
    const slow = reader();
    const quick = reader();
    stream.join(slow.client);
    stream.join(quick.client);
    slow.state.unread = limits.liveClientBytes;
    pick();
    clock.advance(0);
    expect(slow.state.closed).toBe(true);
    expect(quick.names()).toContain('movement');
    expect(stream.clients()).toBe(1);
    expect(counters.snapshot()).toContainEqual({
      name: 'live_clients_dropped_total',
      labels: { reason: 'slow' },
      value: 1,
    });
  });

  it('beats every 15 s, so that a dead link shows', () => {
    const { stream, clock } = fixture();
    const { client, text, names } = reader();
    stream.join(client);
    clock.advance(15_000);
    expect(text()).toContain(': beat\n\n');
    expect(names()).toEqual(['hello', 'health']);
  });

  it('tells the state of the cloud link when it has changed, once a second at most', () => {
    const { stream, pick, clock } = fixture();
    const { client, names } = reader();
    stream.join(client);
    clock.advance(1_000);
    expect(names()).not.toContain('sync');
    pick();
    pick();
    clock.advance(1_000);
    expect(names().filter(name => name === 'sync')).toHaveLength(1);
  });

  it('takes no more readers than its limit', () => {
    const { stream } = fixture();
    for (let count = 0; count < limits.liveClients; count++) stream.join(reader().client);
    expect(stream.isFull()).toBe(true);
  });

  it('ends its readers when it stops, and says nothing more', () => {
    const { stream, pick, clock } = fixture();
    const { client, state, names } = reader();
    stream.join(client);
    pick();
    stream.stop();
    clock.advance(60_000);
    expect(state.closed).toBe(true);
    expect(names()).toEqual(['hello']);
  });
});
