import { MATROSKA, MP4, MPEG_TS, QTFF, WEBM } from 'mediabunny';

/** The containers that are read. */
export const readableFormats = [MP4, QTFF, MATROSKA, WEBM, MPEG_TS];
