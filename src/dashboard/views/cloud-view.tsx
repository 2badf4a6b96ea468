import type { ReservationView, SyncView } from '../../store/views.ts';
import { leftWords } from '../model/age.ts';
import { count } from '../model/formats.ts';
import { Age } from '../parts/age.tsx';
import { CloudTabs } from '../parts/cloud-tabs.tsx';
import { useStore } from '../parts/context.tsx';
import { Empty, Heading } from '../parts/empty.tsx';
import { type MarkKind, State } from '../parts/mark.tsx';

const MARK: Record<ReservationView['state'], MarkKind> = {
  temporary: 'ok',
  pending: 'ok',
  confirmed: 'ok',
  staged: 'ok',
  handed_over: 'none',
  refused: 'low',
  released: 'none',
  expired: 'none',
};

/** The link to the cloud, what waits for it, and what is held for orders. */
export function CloudView() {
  const { sync } = useStore();
  return (
    <>
      <Heading title="Cloud">
        <CloudTabs path="/cloud" />
      </Heading>
      <div class="cloud">
        {sync.value?.configured === false && (
          <Empty title="This store works alone">
            Add <code>cloud.address</code> to <code>site.yaml</code> to keep a cloud inventory in step.
          </Empty>
        )}
        {sync.value?.configured && <LinkPanel sync={sync.value} />}
        <Reservations />
        <Gateway />
      </div>
    </>
  );
}

function LinkPanel({ sync }: { sync: SyncView }) {
  const share = sync.lastSeq === 0 ? 1 : sync.ackedSeq / sync.lastSeq;
  return (
    <section class="panel">
      <h2>
        Link{' '}
        <State kind={sync.connected ? 'ok' : 'low'} word={sync.connected ? 'connected' : 'not connected'} />
      </h2>
      <p class="cloud-figure">
        <b>{sync.pending}</b>
        <span class="soft">{sync.pending === 1 ? 'event waits' : 'events wait'} for the cloud</span>
      </p>
      <span class="bar" aria-hidden="true">
        <span class="bar-fill" style={{ width: `${share * 100}%` }} />
      </span>
      <dl class="facts">
        <Row name="Peer">{sync.peer ?? 'none'}</Row>
        <Row name={sync.connected ? 'Connected' : 'Away since'}>
          <Age atMs={sync.sinceMs} form="ago" />
        </Row>
        <Row name="Oldest waiting">
          <Age atMs={sync.oldestPendingMs} none="nothing waits" />
        </Row>
        <Row name="Acknowledged">
          {sync.ackedSeq.toLocaleString('en')} of {sync.lastSeq.toLocaleString('en')}
        </Row>
        <Row name="Epoch">
          <span class="mono">{sync.epoch}</span>
        </Row>
      </dl>
      {sync.detail && <p class="soft">{sync.detail}</p>}
      {!sync.connected && <p class="soft">The store goes on by itself; nothing is lost while it waits.</p>}
    </section>
  );
}

function Row({ name, children }: { name: string; children: preact.ComponentChildren }) {
  return (
    <div class="fact">
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

const PART_MARK: Record<string, MarkKind> = { ok: 'ok', failed: 'out', stopped: 'none' };

function Gateway() {
  const { health } = useStore();
  const view = health.value;
  if (!view) return null;
  return (
    <section class="panel">
      <h2>
        Gateway <State kind={view.status === 'ok' ? 'ok' : 'low'} word={view.status} />
      </h2>
      <dl class="facts">
        <Row name="Store">
          {view.store.name}, <span class="mono">{view.store.gln}</span>
        </Row>
        <Row name="Running for">
          <Age atMs={view.startedAtMs} />
        </Row>
        {view.parts.map(part => (
          <Row name={part.name} key={part.name}>
            <State kind={PART_MARK[part.state] ?? 'low'} word={part.state} />
            {part.detail && <span class="soft"> {part.detail}</span>}
          </Row>
        ))}
      </dl>
    </section>
  );
}

function Reservations() {
  const { reservations } = useStore();
  const all = reservations.all.value;
  return (
    <section class="panel cloud-reservations">
      <h2>Held for orders</h2>
      {all.length === 0 ? (
        <Empty title="No reservation">
          The cloud asks for units when an order comes in; a till system may{' '}
          <code>POST /api/v1/reservations</code>.
        </Empty>
      ) : (
        <ul class="reservations">
          {all.map(view => (
            <Reservation view={view} key={view.reservation} />
          ))}
        </ul>
      )}
    </section>
  );
}

function Reservation({ view }: { view: ReservationView }) {
  const { stock, now } = useStore();
  const held = ['temporary', 'pending', 'confirmed', 'staged'].includes(view.state);
  return (
    <li class="reservation">
      <span class="reservation-head">
        <b>{view.reservation}</b>
        <State kind={MARK[view.state]} word={view.state} />
        <span class="soft reservation-end">
          {held && (view.expiresAtMs === null ? 'no end' : leftWords(view.expiresAtMs - now.value))}
        </span>
      </span>
      <span class="soft">
        {view.lines
          .map(line => `${line.quantity} ${stock.of(line.gtin)?.value.name ?? line.gtin}`)
          .join(', ') || count(0, 'line')}
        {view.reason && ` (${view.reason})`}
      </span>
    </li>
  );
}
