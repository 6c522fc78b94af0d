from django.urls import path

from multitask.files.api import views

urlpatterns = [
    path("files/", views.FileListView.as_view(), name="file-list"),
    path("files/<uuid:pk>/", views.FileDetailView.as_view(), name="file-detail"),
]
