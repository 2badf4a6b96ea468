import type { Submit } from '../readings/submit.ts';
import { type Clock, endOfTurn } from '../shared/clock.ts';
import type { Counters } from '../shared/counters.ts';
import { limits } from '../shared/limits.ts';
import type { Log } from '../shared/log.ts';
import type { Part } from '../shared/part.ts';
import type { Store } from '../store/store.ts';
import type { LiveSource } from '../store/views.ts';
import { type AllDomains, type DomainSettings, restoreDomains, startDomains } from './domains.ts';
import { createInbox } from './inbox.ts';
import type { Listeners } from './listeners.ts';
import type { LiveValues } from './live-values.ts';
import { createStep, type StepDeps } from './step.ts';
import { createStepLoop } from './step-loop.ts';

interface PipelineOptions {
  readonly settings: DomainSettings;
  readonly store: Store;
  readonly live: LiveValues;
  readonly listeners: Listeners;
  /** Whether there is room for such a fact. */
  readonly takes: NonNullable<StepDeps['takes']>;
  readonly clock: Clock;
  readonly log: Log;
  readonly counters: Counters;
}

export interface Pipeline extends Pick<LiveSource, 'footfallNow'> {
  /** What the store is configured with, as it is committed. */
  readonly configuration: AllDomains['configuration'];
  readonly priceList: AllDomains['priceList'];
  readonly submit: Submit;
  readonly part: Part;
}

/**
 * Inbox, step and commit as one: what is submitted is decided and durable when its promise resolves, and then
 * told to the listeners. Throws when the database cannot take what the site file changed since the last start.
 */
export function createPipeline(options: PipelineOptions): Pipeline {
  const { settings, store, live, listeners, takes, clock, log, counters } = options;
  let domains = startDomains(settings, store, clock.nowMs());
  let isFailing = false;
  const step = createStep({
    store,
    takes,
    domains,
    restore() {
      domains = restoreDomains(settings, store, clock.nowMs());
      return domains;
    },
    onCommitted: entries => {
      if (isFailing) log.warn({}, 'the database commits again');
      isFailing = false;
      listeners.tell({ kind: 'facts', entries });
    },
    onStorageFailure: error => {
      counters.add('storage_failures_total');
      if (!isFailing) log.error({ error: String(error) }, 'the database cannot commit');
      isFailing = true;
    },
  });
  const inbox = createInbox({
    maxReadings: limits.inboxReadings,
    counters,
    onWork: () => loop.wake(),
  });
  const tellValues = () => {
    const values = live.takeChanged();
    if (values.length > 0) listeners.tell({ kind: 'values', values });
  };
  const loop = createStepLoop({ inbox, step, maxBatch: limits.stepBatch, endOfTurn, onBatch: tellValues });
  return {
    part: loop.part,
    configuration: () => domains.configuration(),
    priceList: () => domains.priceList(),
    footfallNow: () =>
      domains.footfallNow().map(({ door, minuteMs, in: peopleIn, out: peopleOut }) => ({
        door,
        startMs: minuteMs,
        in: peopleIn,
        out: peopleOut,
      })),
    submit(readings) {
      live.observe(readings);
      return inbox.submit(readings);
    },
  };
}
