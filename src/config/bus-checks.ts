import type { SiteDevice } from './site.ts';
import type { CheckedSiteFile } from './site-draft.ts';
import type { ReportAt } from './yaml-file.ts';

/** A serial port belongs to one line, and one TCP connection carries one kind of frame. */
export function checkBuses(
  { draft }: CheckedSiteFile,
  devices: ReadonlyMap<string, SiteDevice>,
  report: ReportAt,
): void {
  const ports = new Map<string, string>();
  for (const [name, { port }] of Object.entries(draft.lines ?? {})) {
    if (port === undefined) continue;
    const other = ports.get(port);
    if (other === undefined) ports.set(port, name);
    else {
      const what = `the line ${other} has the port ${port} already`;
      report(['lines', name, 'port'], 'value', what, 'put the devices of both on one line');
    }
  }
  const framings = new Map<string, { readonly id: string; readonly framing: string }>();
  for (const [index, { id }] of (draft.devices ?? []).entries()) {
    const address = devices.get(id ?? '')?.address;
    if (id === undefined || address?.protocol !== 'modbus' || !('host' in address)) continue;
    const bus = `${address.host}:${address.port}`;
    const framing = address.framing ?? 'mbap';
    const first = framings.get(bus) ?? { id, framing };
    framings.set(bus, first);
    if (first.framing === framing) continue;
    const what = `${bus} cannot speak ${framing}: it speaks ${first.framing} with ${first.id}`;
    report(['devices', index, 'address'], 'key', what, 'give all devices there the same framing');
  }
}
