import { connect, createServer, type Socket } from 'node:net';

/** `up` is from the one who dials to the target. */
export type Direction = 'up' | 'down';

/** A TCP line on which a test does what networks do. */
export interface FaultProxy {
  readonly port: number;
  /** Connections that are carried now. */
  open(): number;
  /** How often somebody has dialled. */
  dialled(): number;
  /** Resets every connection on both sides; what was under way is lost. Returns how many there were. */
  cut(): number;
  /**
   * Half-open: of the connections of this moment nothing arrives in these directions any more, not even their end. Later
   * connections are whole.
   */
  swallow(...directions: readonly Direction[]): void;
  /** From now on bytes wait a random time of up to `atMostMs`, in order, in both directions. */
  delay(atMostMs: number): void;
  close(): Promise<void>;
}

interface Line {
  readonly ends: readonly Socket[];
  readonly swallowed: Set<Direction>;
}

/** Listens on a free loopback port. `targetPort` is asked at every connection; `random` gives 0 to 1. */
export async function startFaultProxy(targetPort: () => number, random: () => number): Promise<FaultProxy> {
  const lines = new Set<Line>();
  let dialled = 0;
  let atMostMs = 0;
  const waitMs = () => Math.round(atMostMs * random());
  const server = createServer({ noDelay: true }, caller => {
    dialled += 1;
    const target = connect({ port: targetPort(), host: '127.0.0.1', noDelay: true });
    const line: Line = { ends: [caller, target], swallowed: new Set() };
    lines.add(line);
    carry(caller, target, { waitMs, isSwallowed: () => line.swallowed.has('up') });
    carry(target, caller, { waitMs, isSwallowed: () => line.swallowed.has('down') });
    for (const end of line.ends) {
      end.on('close', () => line.ends.every(each => each.destroyed) && lines.delete(line));
    }
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as { port: number }).port,
    open: () => lines.size,
    dialled: () => dialled,
    cut: () => reset(lines),
    swallow(...directions) {
      for (const { swallowed } of lines) for (const direction of directions) swallowed.add(direction);
    },
    delay(ms) {
      atMostMs = ms;
    },
    async close() {
      const closed = new Promise(resolve => server.close(resolve));
      reset(lines);
      await closed;
    },
  };
}

function reset(lines: ReadonlySet<Line>): number {
  const broken = [...lines];
  for (const { ends } of broken) for (const end of ends) end.resetAndDestroy();
  return broken.length;
}

interface Faults {
  readonly waitMs: () => number;
  readonly isSwallowed: () => boolean;
}

/** One direction of a line. A slow receiver slows the sender down, as without a proxy. */
function carry(from: Socket, to: Socket, { waitMs, isSwallowed }: Faults): void {
  const pass = (chunk: Buffer) => {
    if (isSwallowed() || to.destroyed) return from.resume();
    return to.write(chunk, () => from.resume());
  };
  from.on('data', chunk => {
    if (isSwallowed()) return;
    from.pause();
    const ms = waitMs();
    if (ms === 0) pass(chunk);
    else setTimeout(pass, ms, chunk);
  });
  // Each end's trouble is told by its close.
  from.on('error', () => {});
  from.on('close', () => {
    if (!isSwallowed()) to.destroy();
  });
}
