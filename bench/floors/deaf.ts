/**
 * A receiver that never receives: a Pull of raw `zeromq`, bound and then left alone.
 */
import { Pull } from 'zeromq';
import { everythingArrived, tell } from '../support/child.ts';

const socket = new Pull();
socket.receiveHighWaterMark = 1; // So that it is the sender's turn to hold what is sent.
await socket.bind('tcp://127.0.0.1:*');
tell({ endpoint: socket.lastEndpoint });
await everythingArrived();
socket.close();
