/** Formats of videos that browsers write. */
export type VideoFormat = 'mp4' | 'webm';
