import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningStore, runningStore } from '../support/running-store.ts';
import { waitFor } from '../support/wait-for.ts';

/** One store for all of these: they are stations of one day, in order. */
describe('a busy store', () => {
  let store: RunningStore;

  beforeAll(async () => {
    // An alarm at once instead of after two minutes, and a fridge that is soon too warm.
    store = await runningStore({
      busy: 80,
      edit: yaml => yaml.replaceAll(/alarmAfterMinutes: \d+/g, 'alarmAfterMinutes: 0'),
    });
    await store.start('hub');
    await store.start('gateway');
    await store.start('simulator');
    await waitFor('the opening counts', async () => (await store.truth()).opened, 30_000);
  }, 60_000);
  afterAll(() => store?.end());

  const wrongFacings = async () => {
    const truth = new Map((await store.truth()).facings.map(({ facing, quantity }) => [facing, quantity]));
    const facings = await store.view('facings');
    return facings.filter(
      ({ facing, quantity, countedBy }) => countedBy === 'weights' && quantity !== truth.get(facing),
    );
  };

  it('knows what is on every shelf that weighs once the shoppers pause', async () => {
    await waitFor('25 hands on the shelves', async () => (await store.truth()).recent.length >= 25, 40_000);
    await store.tell('pause');
    await waitFor('no wrong facing', async () => (await wrongFacings()).length === 0, 15_000);
    expect(await wrongFacings()).toEqual([]);
  }, 60_000);

  it('balances every item over all places', async () => {
    for (const { gtin, places } of await store.view('stock')) {
      const sum = Object.values(places).reduce<number>((total, quantity = 0) => total + quantity, 0);
      expect([gtin, sum]).toEqual([gtin, 0]);
    }
  });

  it('shows prices only as the labels acknowledged them', async () => {
    const labels = await waitFor('all labels', async () => {
      const views = await store.view('labels');
      return views.every(({ state }) => state === 'shown') && views;
    });
    expect(labels.map(({ wantedMinor, shownMinor }) => shownMinor === wantedMinor)).not.toContain(false);
  });

  it('says that a silent fridge is bad for lack of answers and invents no number, while the others go on', async () => {
    await store.tell('faults', { device: 'dairy-case', fault: 'silent', on: true });
    const dairy = await waitFor('the dairy case to turn bad', async () => {
      const unit = (await store.view('cold')).find(({ device }) => device === 'dairy-case');
      return unit?.temperature?.quality.level === 'bad' && unit;
    });
    expect(dairy.temperature).toMatchObject({ value: null, quality: { reason: 'comms' } });
    expect(dairy.temperature?.lastGood).not.toBeNull();
    const others = (await store.view('cold')).filter(({ device }) => device !== 'dairy-case');
    expect(others.map(({ temperature }) => temperature?.quality.level)).toEqual(['good', 'good']);
    await store.tell('faults', { device: 'dairy-case', fault: 'silent', on: false });
    await waitFor(
      'the dairy case to come back',
      async () =>
        (await store.view('cold')).every(({ temperature }) => temperature?.quality.level === 'good'),
      30_000,
    );
  }, 45_000);

  it('counts nothing twice when every message of a shelf comes twice', async () => {
    await store.tell('faults', { device: 'shelf-a1', fault: 'doubled', on: true });
    const before = (await store.truth()).recent.length;
    await store.tell('resume');
    await waitFor('twelve more', async () => (await store.truth()).recent.length >= before + 12, 30_000);
    await store.tell('pause');
    await waitFor('no wrong facing', async () => (await wrongFacings()).length === 0, 15_000);
  }, 60_000);

  it('knows every shelf again after a restart, from its log', async () => {
    const before = await store.view('facings');
    await store.stop('gateway');
    await store.start('gateway');
    const quantities = (views: typeof before) => views.map(({ facing, quantity }) => [facing, quantity]);
    expect(quantities(await store.view('facings'))).toEqual(quantities(before));
    await waitFor(
      'the devices to be back',
      async () =>
        (await store.view('devices'))
          .filter(({ kind }) => kind === 'shelf')
          .every(({ state }) => state === 'online'),
      20_000,
    );
    await waitFor('no wrong facing', async () => (await wrongFacings()).length === 0, 15_000);
  }, 45_000);

  it('has told the cloud everything once the link is quiet', async () => {
    const sync = await waitFor('nothing pending', async () => {
      const view = await store.view('sync');
      return view.connected && view.pending === 0 && view;
    });
    expect(sync.ackedSeq).toBe(sync.lastSeq);
    expect(sync.lastSeq).toBeGreaterThan(100);
  });
});
