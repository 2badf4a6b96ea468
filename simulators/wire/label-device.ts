import type { Clock } from '../../src/shared/clock.ts';
import type { Label, Shown } from '../world/labels.ts';
import type { Random } from '../world/random.ts';

/** Redrawing electronic paper takes its time. */
const REDRAW_MS = [500, 3000] as const;
const COMMANDS_KEPT = 8;

interface ShowCommand extends Shown {
  readonly id: string;
}

export interface LabelDevice {
  /** A payload of the topic `command/show`. */
  receive(payload: Buffer): void;
}

const TEXTS = ['gtin', 'name', 'price', 'currency'] as const;

function parseShow(payload: Buffer): { readonly id: string; readonly show: ShowCommand | null } | null {
  let value: unknown;
  try {
    value = JSON.parse(payload.toString());
  } catch {
    return null;
  }
  const command = Object(value) as Record<string, unknown>;
  if (typeof command.id !== 'string') return null;
  const complete =
    TEXTS.every(name => typeof command[name] === 'string') && Number.isInteger(command.priceMinor);
  return { id: command.id, show: complete ? (command as unknown as ShowCommand) : null };
}

/** A shelf label: draws one picture after the other and acknowledges each only when it stands there. */
export function createLabelDevice(
  label: Label,
  acknowledge: (answer: { id: string; ok: boolean; detail: string | null }) => void,
  random: Random,
  clock: Clock,
): LabelDevice {
  const waiting: ShowCommand[] = [];
  const drawNext = () => {
    const command = waiting[0];
    if (!command) return;
    clock.after(random.uniform(...REDRAW_MS), () => {
      waiting.shift();
      const { gtin, name, price, priceMinor, currency } = command;
      label.shown = { gtin, name, price, priceMinor, currency };
      label.redraws++;
      acknowledge({ id: command.id, ok: true, detail: null });
      drawNext();
    });
  };
  return {
    receive(payload) {
      const command = parseShow(payload);
      if (!command) return;
      if (!command.show) {
        const detail = 'gtin, name, price, priceMinor and currency are needed';
        acknowledge({ id: command.id, ok: false, detail });
      } else if (waiting.length >= COMMANDS_KEPT) {
        acknowledge({ id: command.id, ok: false, detail: 'busy drawing' });
      } else {
        waiting.push(command.show);
        if (waiting.length === 1) drawNext();
      }
    },
  };
}
