import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { SiteDevice } from '../../src/config/site.ts';
import type { Clock } from '../../src/shared/clock.ts';
import type { Log } from '../../src/shared/log.ts';
import type { Faults } from '../faults.ts';
import type { TrueSource } from '../true-values.ts';
import { encodeMessage } from './device-message.ts';
import { putAt } from './json-template.ts';
import { postKind } from './message-kinds.ts';
import { createSender } from './sender.ts';

export interface PosterOptions {
  readonly device: SiteDevice;
  readonly name: string;
  /** Folder of the site, from which the file of a token is found. */
  readonly siteFolder: string;
  /** Where the gateway listens, such as `http://127.0.0.1:8080`. */
  readonly gateway: string;
  readonly source: TrueSource;
  readonly zone: string;
  readonly golden: number | null;
  readonly faults: Faults;
  readonly clock: Clock;
  readonly log: Log;
}

/** A counter or sensor that can do nothing but post its reports. */
export interface Poster {
  readonly device: string;
  report(): void;
  /** Whether the last post was taken. */
  isHeard(): boolean;
  stop(): void;
}

const REQUEST_TIMEOUT_MS = 5_000;

export function createPoster(options: PosterOptions): Poster {
  const { device, name, source, faults, clock, zone } = options;
  const { profile } = device;
  const http = profile.http!;
  const kind = postKind(profile)!;
  const log = options.log.child({ device: device.id });
  const authorization = authorizationOf(options);
  const stopping = new AbortController();
  let sequence = 0;
  let heard = false;

  async function post(body: string | Uint8Array<ArrayBuffer>): Promise<void> {
    const form = http.payload === 'form';
    try {
      const response = await fetch(addressOf(options), {
        method: 'POST',
        headers: {
          'content-type': form ? 'application/x-www-form-urlencoded' : 'application/json',
          ...authorization,
          ...(http.id?.header === undefined ? {} : { [http.id.header]: name }),
        },
        body,
        signal: AbortSignal.any([stopping.signal, AbortSignal.timeout(REQUEST_TIMEOUT_MS)]),
      });
      const answer = await response.text();
      if (!response.ok && heard)
        log.warn({ status: response.status, answer: answer.slice(0, 300) }, 'a report was refused');
      heard = response.ok;
    } catch {
      // Such a device has no memory: what cannot be posted now is gone.
      heard = false;
    }
  }

  const put = (_to: null, payload: string | Buffer) =>
    void post(typeof payload === 'string' ? payload : new Uint8Array(payload));
  const sender = createSender<null>(device.id, put, faults, clock);
  return {
    device: device.id,
    isHeard: () => heard,
    report() {
      if (faults.strikes(device.id, 'silent') || faults.isOn(device.id, 'stopped')) return;
      sequence++;
      const frame = options.golden === null ? undefined : profile.golden[options.golden];
      const body =
        frame && 'body' in frame
          ? typeof frame.body === 'string'
            ? frame.body
            : JSON.stringify(frame.body)
          : String(encodeMessage(kind, source.value, { nowMs: sender.nowMs(), zone, sequence }));
      sender.send(null, named(body, http.id?.path, name));
      source.reported();
    },
    stop: () => stopping.abort(),
  };
}

function authorizationOf({ device: { address }, siteFolder }: PosterOptions): Record<string, string> {
  const tokenFile = address.protocol === 'http' ? address.tokenFile : undefined;
  if (tokenFile === undefined) return {};
  return { authorization: `Bearer ${readFileSync(resolve(siteFolder, tokenFile), 'utf8').trim()}` };
}

function addressOf({ device, name, gateway }: PosterOptions): string {
  const http = device.profile.http!;
  const path = (http.path ?? '/ingest/v1/{device}').replace('{device}', encodeURIComponent(name));
  const query = http.id?.query === undefined ? '' : `?${new URLSearchParams({ [http.id.query]: name })}`;
  return `${gateway}${path}${query}`;
}

/** The report with the device's own name where the maker puts it. */
function named(body: string, path: string | undefined, name: string): string {
  if (path === undefined) return body;
  const message: unknown = JSON.parse(body);
  putAt(message, path, name);
  return JSON.stringify(message);
}
