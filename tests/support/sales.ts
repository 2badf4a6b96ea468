import { setTimeout as pause } from 'node:timers/promises';
import mqtt from 'mqtt';

export interface TillClient {
  /** Publishes with QoS 1 and resolves when the broker acknowledged it. Rejects when the link breaks first. */
  sell(key: string, gtin: string, quantity?: number): Promise<void>;
  close(): Promise<void>;
}

/** A till as a foreign MQTT client would be: no reconnect, so that a test decides what happens after a cut. */
export async function connectTill(port: number, device = 'till-1'): Promise<TillClient> {
  const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, {
    clientId: `${device}-${port}-${performance.now()}`,
    reconnectPeriod: 0,
    connectTimeout: 20_000,
  });
  // A cut link is what the tests are about; each publish reports it by itself.
  client.on('error', () => {});
  const cut = new Promise<never>((_, reject) => {
    client.once('close', () => reject(new Error('the link to the broker was cut')));
  });
  cut.catch(() => {});
  return {
    async sell(key, gtin, quantity = 1) {
      const payload = JSON.stringify({ key, lines: [{ gtin, quantity }] });
      await Promise.race([client.publishAsync(`aisle/v1/${device}/sale`, payload, { qos: 1 }), cut]);
    },
    close: () => client.endAsync(true),
  };
}

/** Tills that sell one unit after the other, `pauseMs` apart, until they are told to stop. */
export async function startSelling(
  port: number,
  options: { readonly tills: number; readonly pauseMs: number; readonly gtin: string },
): Promise<{ stop(): Promise<{ readonly sales: number }> }> {
  let selling = true;
  const work = Array.from({ length: options.tills }, async (_, number) => {
    const till = await connectTill(port);
    let sales = 0;
    for (; selling; sales++) {
      await till.sell(`load-${number}/${sales}`, options.gtin);
      await pause(options.pauseMs);
    }
    await till.close();
    return sales;
  });
  // A broken link is reported by `stop`.
  for (const each of work) each.catch(() => {});
  return {
    async stop() {
      selling = false;
      const sales = await Promise.all(work);
      return { sales: sales.reduce((sum, each) => sum + each, 0) };
    },
  };
}
