import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { HubStoreView } from '../../hub/web/views.ts';
import { type Projection, project, type Size } from './projection.ts';
import { nameOf, type Standing } from './store-words.ts';

const MARGIN = 56;
/** Nearer to an edge than this a line has no number: it would be cut, or stand on another. */
const EDGE = 40;
/** More names than this would cover each other; a store then tells its name when it is pointed at. */
const MOST_NAMES = 40;

interface Pin {
  readonly store: HubStoreView & { readonly place: NonNullable<HubStoreView['place']> };
  readonly standing: Standing;
}

/** The stores where they are, without a map of somebody else's under them. */
export function StoreMap({ pins }: { pins: readonly Pin[] }) {
  const frame = useRef<HTMLDivElement>(null);
  const [size, setSize] = useState<Size | null>(null);
  useLayoutEffect(() => {
    const element = frame.current!;
    const measure = () => setSize({ width: element.clientWidth, height: element.clientHeight });
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return (
    <div class="map" ref={frame}>
      {size && size.width > 0 && <Drawing pins={pins} size={size} />}
    </div>
  );
}

function Drawing({ pins, size }: { pins: readonly Pin[]; size: Size }) {
  const map = project(
    pins.map(pin => pin.store.place),
    size,
    MARGIN,
  );
  return (
    <>
      <svg class="map-grid" width={size.width} height={size.height} aria-hidden="true">
        <Grid map={map} size={size} />
      </svg>
      <svg class="map-pins" width={size.width} height={size.height}>
        <title>Stores on a map, north is up</title>
        {pins.map(pin => (
          <PinMark
            pin={pin}
            at={map.toPixels(pin.store.place)}
            width={size.width}
            named={pins.length <= MOST_NAMES}
            key={pin.store.gln}
          />
        ))}
      </svg>
    </>
  );
}

function Grid({ map, size }: { map: Projection; size: Size }) {
  const { km, pixels } = map.scale;
  const words = (degrees: number, plus: string, minus: string) =>
    `${Number(Math.abs(degrees).toFixed(2))}° ${degrees < 0 ? minus : plus}`;
  return (
    <>
      {map.latitudes.map(latitude => {
        const { y } = map.toPixels({ latitude, longitude: 0 });
        return (
          <g key={latitude}>
            <path d={`M0 ${y}H${size.width}`} />
            {y > EDGE && (
              <text x="8" y={y - 5}>
                {words(latitude, 'N', 'S')}
              </text>
            )}
          </g>
        );
      })}
      {map.longitudes.map(longitude => {
        const { x } = map.toPixels({ latitude: 0, longitude });
        return (
          <g key={longitude}>
            <path d={`M${x} 0V${size.height}`} />
            {x < size.width - EDGE && (
              <text x={x + 5} y="16">
                {words(longitude, 'E', 'W')}
              </text>
            )}
          </g>
        );
      })}
      <path class="map-scale" d={`M${size.width - 16 - pixels} ${size.height - 20}v6h${pixels}v-6`} />
      <text x={size.width - 16} y={size.height - 26} text-anchor="end">
        {km} km
      </text>
    </>
  );
}

const SHAPES: Record<Standing['kind'], string> = {
  ok: 'M-5 0a5 5 0 1 0 10 0a5 5 0 1 0 -10 0',
  low: 'M0 -7.5 7.5 6.5H-7.5Z',
  out: 'M-6.5 -6.5h13v13h-13Z',
};

interface PinProps {
  readonly pin: Pin;
  readonly at: { readonly x: number; readonly y: number };
  readonly width: number;
  readonly named: boolean;
}

function PinMark({ pin: { store, standing }, at, width, named }: PinProps) {
  const words = `${nameOf(store)}: ${standing.word}`;
  const isLeft = at.x > width * 0.66;
  return (
    <a href={`/store/${store.gln}`} aria-label={words} class="map-pin">
      <g transform={`translate(${at.x} ${at.y})`}>
        <title>{words}</title>
        <circle class="map-touch" r="18" />
        <path class={`mark-${standing.kind}`} d={SHAPES[standing.kind]} />
        {named && (
          <text x={isLeft ? -12 : 12} y="4.5" text-anchor={isLeft ? 'end' : 'start'}>
            {nameOf(store)}
          </text>
        )}
      </g>
    </a>
  );
}
