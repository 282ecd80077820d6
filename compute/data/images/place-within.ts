/** Rows and columns. */
export interface Size {
  readonly rows: number;
  readonly cols: number;
}

/** Where an image lies within a larger frame. */
export interface Place extends Size {
  readonly top: number;
  readonly left: number;
}

/** The largest place of an image's shape in the middle of a frame: where `pad` puts it. */
export function placeWithin(image: Size, frame: Size): Place {
  const scale = Math.min(frame.rows / image.rows, frame.cols / image.cols);
  const side = (of: number, most: number) => Math.min(most, Math.max(1, Math.round(of * scale)));
  const [rows, cols] = [side(image.rows, frame.rows), side(image.cols, frame.cols)];
  return {
    ...{ rows, cols },
    top: Math.floor((frame.rows - rows) / 2),
    left: Math.floor((frame.cols - cols) / 2),
  };
}
