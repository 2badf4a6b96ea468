import type { Clock } from '../src/shared/clock.ts';
import { sleep } from '../src/shared/clock.ts';
import type { Handheld } from './wire/handheld.ts';
import { countOn, gramsOf, measure } from './world/goods.ts';
import type { World } from './world/world.ts';

/** Shelves publish this long before anybody counts, so that the gateway has seen every plate at rest. */
const SETTLE_MS = 3000;
/** Devices that are not connected by then are counted without. */
const CONNECT_WITHIN_MS = 15_000;
const LOOK_MS = 200;

/** Before the first shopper: staff count every facing and the backroom, and the gateway has answered. */
export async function openStore(
  world: World,
  handheld: Handheld,
  runId: string,
  areShelvesConnected: () => boolean,
  clock: Clock,
): Promise<void> {
  const startedMs = clock.monotonicMs();
  while (!areShelvesConnected() && clock.monotonicMs() - startedMs < CONNECT_WITHIN_MS)
    await sleep(clock, LOOK_MS);
  await sleep(clock, SETTLE_MS);
  for (const place of world.goods.facings.values()) {
    const { id: facing, gtin } = place.facing;
    handheld.post('counts', {
      key: `opening-${runId}/shelf/${facing}`,
      gtin,
      place: `shelf:${facing}`,
      ...measure(world.goods.items.get(gtin)!, countOn(place), gramsOf(place.units)),
    });
  }
  for (const [gtin, quantity] of world.goods.backroom) {
    const measured = measure(world.goods.items.get(gtin)!, quantity);
    handheld.post('counts', {
      key: `opening-${runId}/backroom/${gtin}`,
      gtin,
      place: 'backroom',
      ...measured,
    });
  }
  await handheld.whenDone();
}
