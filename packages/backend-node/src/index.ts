/** @packageDocumentation `@faceanim/core` in Node: tensor runtimes. */
export { type ContactSheetOptions, contactSheet } from './media/contact-sheet';
export { type ChartSeries, type LineChartOptions, lineChart } from './media/line-chart';
export { backendNames, openBackend } from './open-backend';
