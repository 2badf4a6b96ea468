import { useState } from 'preact/hooks';
import type { TaskView } from '../../store/views.ts';
import { gateway } from '../data/gateway-client.ts';
import { count } from '../model/formats.ts';
import { TASK_MARK, TASK_WORDS, tasksByUrgency } from '../model/task-words.ts';
import { Age } from '../parts/age.tsx';
import { useStore } from '../parts/context.tsx';
import { Empty, Heading } from '../parts/empty.tsx';
import { State } from '../parts/mark.tsx';
import { useAsked } from '../parts/use-asked.ts';
import { isOrderTask, OrderToPick, ReadyOrders } from './order-task.tsx';

/** What there is to do on the shelves, what waiting costs first; and how well the shelves were filled. */
export function TasksView() {
  const { tasks } = useStore();
  const { open, ended } = tasksByUrgency(tasks.all.value);
  return (
    <>
      <Heading title="Tasks">
        <span class="soft">
          {open.length === 0
            ? 'nothing to do'
            : `${count(open.length, 'task')}, orders first, then the costliest`}
        </span>
      </Heading>
      <div class="tasks">
        <section class="tasks-open" aria-label="Open tasks">
          {open.length === 0 && (
            <Empty title="The shelves are as they should be">
              A gap, a doubtful count or an order that falls short will show up here by itself.
            </Empty>
          )}
          {open.map(task =>
            isOrderTask(task) ? (
              <OrderToPick task={task} key={task.task} />
            ) : (
              <OpenTask task={task} key={task.task} />
            ),
          )}
        </section>
        <aside class="tasks-side">
          <ReadyOrders />
          <Availability />
          <section class="panel">
            <h2>Ended</h2>
            {ended.length === 0 && <p class="soft">Nothing ended in the last day.</p>}
            <ul>
              {ended.map(task => (
                <EndedTask task={task} key={task.task} />
              ))}
            </ul>
          </section>
        </aside>
      </div>
    </>
  );
}

function OpenTask({ task }: { task: TaskView }) {
  const { formats } = useStore();
  const [note, setNote] = useState('');
  const [trouble, setTrouble] = useState<string | null>(null);
  const tell = (action: 'take' | 'done' | 'dismiss') => () => {
    gateway.tellTask(task.task, action, note).then(
      () => setTrouble(null),
      (error: Error) => setTrouble(error.message),
    );
  };
  return (
    <article class="panel task">
      <p class="task-head">
        <State kind={TASK_MARK[task.kind]} word={TASK_WORDS[task.kind]} />
        <span class="soft">
          {task.state === 'taken' ? 'taken ' : 'open '}
          <Age atMs={task.state === 'taken' ? task.changedAtMs : task.openedAtMs} />
        </span>
        {task.priority > 0 && <b class="task-worth">{formats.value.money(task.priority)} a day</b>}
      </p>
      <a class="task-item" href={`/item/${task.gtin}`}>
        {task.name}
        {task.facing && <span class="soft whole"> {task.facing}</span>}
      </a>
      <p>{task.reason}</p>
      <div class="task-foot">
        <input
          class="search"
          maxLength={200}
          placeholder="What was found (no names)"
          aria-label="What was found"
          value={note}
          onInput={event => setNote(event.currentTarget.value)}
        />
        {task.state === 'open' && (
          <button type="button" class="button" onClick={tell('take')}>
            Take
          </button>
        )}
        <button type="button" class="button button-main" onClick={tell('done')}>
          Done
        </button>
        <button type="button" class="button" onClick={tell('dismiss')}>
          Dismiss
        </button>
      </div>
      {trouble && <p role="alert">This could not be noted: {trouble}</p>}
    </article>
  );
}

function EndedTask({ task }: { task: TaskView }) {
  const how = task.state === 'dismissed' ? 'dismissed' : task.by === 'store' ? 'solved itself' : 'done';
  return (
    <li class="task-ended">
      <span>
        {TASK_WORDS[task.kind]}, {task.pick ? task.reservation : (task.facing ?? task.name)}
        <small class="soft">
          {how}
          {task.note && `: ${task.note}`}
        </small>
      </span>
      <Age atMs={task.changedAtMs} />
    </li>
  );
}

const DAYS = 7;

function Availability() {
  const { health } = useStore();
  const { data } = useAsked(() => gateway.availability(DAYS), String(health.value?.startedAtMs ?? 0));
  return (
    <section class="panel">
      <h2>On the shelf</h2>
      <p class="soft">Share of the facings' minutes with something to buy.</p>
      {data?.length === 0 && <p class="soft">The first day ends at midnight.</p>}
      <ol>
        {data?.map(({ day, share }) => (
          <li class="day-line" key={day}>
            <span>{day.slice(5)}</span>
            <span class="bar" aria-hidden="true">
              <span class="bar-fill" style={{ width: `${Math.round(share * 1000) / 10}%` }} />
            </span>
            <b>{(share * 100).toFixed(1)} %</b>
          </li>
        ))}
      </ol>
    </section>
  );
}
