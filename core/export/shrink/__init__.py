"""A saved model in fewer bytes or for another runtime: ONNX, TFLite, C; each is scored before it is offered."""
