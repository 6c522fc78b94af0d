/** The middle square of a picture, at most `side` pixels wide, as a JPEG. Rejects for what is no picture. */
export async function squareOf(file: File, side = 512): Promise<Blob> {
  const picture = await createImageBitmap(file);
  const length = Math.min(picture.width, picture.height);
  const size = Math.min(side, length);
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = size;
  const context = canvas.getContext("2d");
  if (!context) throw new Error("no canvas");
  context.fillStyle = "#fff";
  context.fillRect(0, 0, size, size);
  context.drawImage(
    picture,
    (picture.width - length) / 2,
    (picture.height - length) / 2,
    length,
    length,
    0,
    0,
    size,
    size,
  );
  picture.close();
  return new Promise((resolve, reject) =>
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("no picture"))), "image/jpeg", 0.9),
  );
}
