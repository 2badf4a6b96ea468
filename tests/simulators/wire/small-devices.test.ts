import { describe, expect, it } from 'vitest';
import { createLabelDevice } from '../../../simulators/wire/label-device.ts';
import type { MqttDevice } from '../../../simulators/wire/mqtt-device.ts';
import { createTill } from '../../../simulators/wire/till.ts';
import type { Label } from '../../../simulators/world/labels.ts';
import { createRandom } from '../../../simulators/world/random.ts';
import { manualClock } from '../../support/manual-clock.ts';
import { waitFor } from '../../support/wait-for.ts';
import { gtinOf } from '../support/small-site.ts';

describe('a till', () => {
  /** A broker that acknowledges the nth send and no other. */
  function counter(acknowledge: (send: number) => boolean) {
    const sent: string[] = [];
    const link: MqttDevice = {
      id: 'till-1',
      isConnected: () => true,
      send() {},
      sendAcknowledged: (topic, payload) => Promise.resolve(acknowledge(sent.push(`${topic} ${payload}`))),
      stop: () => Promise.resolve(),
    };
    return { link, sent };
  }
  const receipt = (number: number) => ({
    till: 'till-1',
    number,
    paidAtMs: 1000.4,
    lines: [{ gtin: gtinOf(1), quantity: 2 }],
    measured: [{ gtin: gtinOf(1), quantity: 2 }],
  });

  it('repeats the same message until it is acknowledged, and only then sends the next', async () => {
    const clock = manualClock();
    const { link, sent } = counter(send => send >= 3);
    const till = createTill(link, 'till-1', 'r1', elapsedMs => 5000 + elapsedMs, clock);
    till.print(receipt(1));
    till.print(receipt(2));
    await waitFor('two sales', () => {
      clock.advance(500);
      return till.acknowledged().sales === 2;
    });
    expect(sent).toHaveLength(4);
    expect(new Set(sent.slice(0, 3))).toEqual(
      new Set([
        `aisle/v1/till-1/sale {"key":"till-1/000001-r1","time":6000,"lines":[{"gtin":"${gtinOf(1)}","quantity":2}]}`,
      ]),
    );
    expect(sent[3]).toContain('till-1/000002-r1');
    expect(till.acknowledged()).toEqual({ sales: 2, units: 4 });
    expect(till.waiting()).toBe(0);
  });
});

describe('a shelf label', () => {
  const show = { id: 'c1', gtin: gtinOf(1), name: 'Tea', price: '1.99', priceMinor: 199, currency: 'EUR' };
  function screen() {
    const clock = manualClock();
    const label: Label = { device: 'label-1', shown: null, redraws: 0 };
    const answers: object[] = [];
    const device = createLabelDevice(label, answer => void answers.push(answer), createRandom(1), clock);
    return {
      clock,
      label,
      answers,
      say: (command: unknown) => device.receive(Buffer.from(JSON.stringify(command))),
    };
  }

  it('acknowledges a price only when it stands on the screen, half a second to three later', () => {
    const { clock, label, answers, say } = screen();
    say(show);
    clock.advance(499);
    expect([label.shown, answers]).toEqual([null, []]);
    clock.advance(2501);
    expect(label.shown?.priceMinor).toBe(199);
    expect(answers).toEqual([{ id: 'c1', ok: true, detail: null }]);
  });

  it('draws one picture after the other', () => {
    const { clock, label, answers, say } = screen();
    say(show);
    say({ ...show, id: 'c2', price: '2.49', priceMinor: 249 });
    clock.advance(6000);
    expect(label.shown?.priceMinor).toBe(249);
    expect(answers.map(answer => (answer as { id: string }).id)).toEqual(['c1', 'c2']);
  });

  it('refuses an incomplete price and more than it can keep, and ignores what is no command', () => {
    const { clock, answers, say } = screen();
    say('no command');
    say({ ...show, id: 'half', priceMinor: undefined });
    for (let i = 1; i <= 9; i++) say({ ...show, id: `c${i}` });
    clock.advance(30_000);
    const refused = answers.filter(answer => !(answer as { ok: boolean }).ok);
    expect(refused).toMatchObject([{ id: 'half' }, { id: 'c9', detail: 'busy drawing' }]);
  });
});
