/** Places on a flat map: straight up is north, and a kilometre is as long one way as the other in the middle of the map. */

export interface Degrees {
  readonly latitude: number;
  readonly longitude: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Projection {
  toPixels(place: Degrees): { readonly x: number; readonly y: number };
  /** Lines of the grid: whole steps of degrees inside the map. */
  readonly latitudes: readonly number[];
  readonly longitudes: readonly number[];
  /** A round length and how many pixels it has. */
  readonly scale: { readonly km: number; readonly pixels: number };
}

const KM_PER_DEGREE = 111.195;
/** So that one store alone has a surrounding. */
const LEAST_DEGREES = 0.2;
const ROUND_KM = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000];
const ROUND_DEGREES = [0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 20, 45];

/** The map that shows all places with a margin. There is at least one place. */
export function project(places: readonly Degrees[], { width, height }: Size, margin: number): Projection {
  const latitude = spanOf(places.map(place => place.latitude));
  const longitude = spanOf(places.map(place => place.longitude));
  const squeeze = Math.max(0.05, Math.cos((latitude.middle * Math.PI) / 180));
  const pixels = Math.min(
    Math.max(1, width - 2 * margin) / (longitude.degrees * squeeze),
    Math.max(1, height - 2 * margin) / latitude.degrees,
  );
  const halfHigh = height / 2 / pixels;
  const halfWide = width / 2 / pixels / squeeze;
  const km = ROUND_KM.findLast(each => (each / KM_PER_DEGREE) * pixels <= width / 4) ?? ROUND_KM[0]!;
  const step = ROUND_DEGREES.find(each => each * pixels >= 70) ?? 45;
  return {
    toPixels: place => ({
      x: width / 2 + (place.longitude - longitude.middle) * squeeze * pixels,
      y: height / 2 - (place.latitude - latitude.middle) * pixels,
    }),
    latitudes: stepsWithin(latitude.middle - halfHigh, latitude.middle + halfHigh, step),
    longitudes: stepsWithin(longitude.middle - halfWide, longitude.middle + halfWide, step),
    scale: { km, pixels: (km / KM_PER_DEGREE) * pixels },
  };
}

function spanOf(values: readonly number[]): { middle: number; degrees: number } {
  const low = values.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY);
  const high = values.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
  return { middle: (low + high) / 2, degrees: Math.max(LEAST_DEGREES, high - low) };
}

function stepsWithin(from: number, to: number, step: number): number[] {
  const first = Math.ceil(from / step);
  const count = Math.max(0, Math.floor(to / step) - first + 1);
  return Array.from({ length: count }, (_, index) => (first + index) * step);
}
