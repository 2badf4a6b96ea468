import { useComputed } from '@preact/signals';
import { useState } from 'preact/hooks';
import type { PickLineView, TaskView } from '../../store/views.ts';
import { gateway } from '../data/gateway-client.ts';
import { amount } from '../model/formats.ts';
import { dueWords, type OrderTask, pickedWords } from '../model/order-words.ts';
import { Age } from '../parts/age.tsx';
import { useStore } from '../parts/context.tsx';
import { State } from '../parts/mark.tsx';

/** An order to be picked: where to go for what, by when; and what was found in the end. */
export function OrderToPick({ task }: { task: OrderTask }) {
  const { lines } = task.pick;
  const [found, setFound] = useState<ReadonlyMap<number, number>>(new Map());
  const [trouble, setTrouble] = useState<string | null>(null);
  const units = lines.map(({ quantity }, index) => Math.min(quantity, found.get(index) ?? quantity));
  const told = (answer: Promise<unknown>) => {
    answer.then(
      () => setTrouble(null),
      (error: Error) => setTrouble(error.message),
    );
  };
  return (
    <article class="panel task">
      <p class="task-head">
        <Due task={task} />
        <span class="soft">
          {task.state === 'taken' ? 'taken ' : 'open '}
          <Age atMs={task.state === 'taken' ? task.changedAtMs : task.openedAtMs} />
        </span>
      </p>
      <p class="task-item">Order {task.reservation}</p>
      <ol class="pick-lines">
        {lines.map((line, index) => (
          <Line
            line={line}
            units={units[index]!}
            onChange={next => setFound(new Map(found).set(index, next))}
            key={`${line.gtin} ${line.facing}`}
          />
        ))}
      </ol>
      <div class="task-foot">
        {task.state === 'open' && (
          <button type="button" class="button" onClick={() => told(gateway.tellTask(task.task, 'take', ''))}>
            Take
          </button>
        )}
        <button
          type="button"
          class="button button-main"
          onClick={() => told(gateway.picked(task.reservation ?? '', lines, units))}
        >
          {pickedWords(lines, units)}
        </button>
      </div>
      {trouble && <p role="alert">This could not be noted: {trouble}</p>}
    </article>
  );
}

function Due({ task }: { task: OrderTask }) {
  const { now, formats } = useStore();
  const isLate = useComputed(() => now.value > task.pick.dueAtMs);
  const words = useComputed(() => dueWords(task.pick, now.value));
  return (
    <>
      <State kind={isLate.value ? 'out' : 'low'} word={words.value} />
      <span class="soft">{formats.value.clock(task.pick.dueAtMs)}</span>
    </>
  );
}

interface LineProps {
  readonly line: PickLineView;
  readonly units: number;
  readonly onChange: (units: number) => void;
}

function Line({ line, units, onChange }: LineProps) {
  const { name, quantity, unit, facing } = line;
  // What is sold by weight is never found to the gram.
  const step = unit === 'g' ? 50 : 1;
  return (
    <li class="pick-line">
      <b class="whole">{facing ?? 'Backroom'}</b>
      <span>{name}</span>
      <span class="pick-count">
        <button
          type="button"
          class="button"
          aria-label={`Fewer of ${name}`}
          disabled={units === 0}
          onClick={() => onChange(Math.max(0, units - step))}
        >
          −
        </button>
        <output>
          {amount(units, unit)} of {amount(quantity, unit)}
        </output>
        <button
          type="button"
          class="button"
          aria-label={`More of ${name}`}
          disabled={units === quantity}
          onClick={() => onChange(Math.min(quantity, units + step))}
        >
          +
        </button>
      </span>
    </li>
  );
}

/** Orders that stand picked until somebody fetches them. */
export function ReadyOrders() {
  const { reservations } = useStore();
  const [trouble, setTrouble] = useState<string | null>(null);
  const ready = reservations.all.value.filter(({ state }) => state === 'staged');
  if (ready.length === 0) return null;
  return (
    <section class="panel">
      <h2>Ready to be fetched</h2>
      <ul>
        {ready.map(({ reservation }) => (
          <li class="task-ended" key={reservation}>
            <span>Order {reservation}</span>
            <button
              type="button"
              class="button"
              onClick={() => {
                gateway.handOver(reservation).then(
                  () => setTrouble(null),
                  (error: Error) => setTrouble(error.message),
                );
              }}
            >
              Handed over
            </button>
          </li>
        ))}
      </ul>
      {trouble && <p role="alert">This could not be noted: {trouble}</p>}
    </section>
  );
}

export const isOrderTask = (task: TaskView): task is OrderTask => task.pick !== undefined;
