from django.urls import path

from multitask.tasks.api import applications, images, lifecycle, reviews, views

urlpatterns = [
    path("categories/", views.CategoryListView.as_view(), name="category-list"),
    path("tasks/", views.TaskListView.as_view(), name="task-list"),
    path("categories/<slug:slug>/", views.CategoryDetailView.as_view(), name="category-detail"),
    path("tasks/facets/", lifecycle.FacetsView.as_view(), name="task-facets"),
    path("tasks/mine/", lifecycle.MyTasksView.as_view(), name="task-mine"),
    path("tasks/assigned/", lifecycle.AssignedTasksView.as_view(), name="task-assigned"),
    path("tasks/applications/", applications.MyApplicationsView.as_view(), name="application-mine"),
    path("tasks/applications/<int:pk>/", applications.ApplicationView.as_view(), name="application-detail"),
    path("tasks/<int:pk>/", views.TaskDetailView.as_view(), name="task-detail"),
    path("tasks/<int:pk>/complete/", lifecycle.CompleteView.as_view(), name="task-complete"),
    path("tasks/<int:pk>/cancel/", lifecycle.CancelView.as_view(), name="task-cancel"),
    path("tasks/<int:pk>/deliver/", lifecycle.DeliverView.as_view(), name="task-deliver"),
    path(
        "tasks/<int:pk>/request-changes/",
        lifecycle.RequestChangesView.as_view(),
        name="task-request-changes",
    ),
    path(
        "tasks/<int:pk>/applications/", applications.TaskApplicationsView.as_view(), name="task-applications"
    ),
    path("tasks/<int:pk>/reviews/", reviews.TaskReviewsView.as_view(), name="task-reviews"),
    path("reviews/<int:pk>/", reviews.ReviewView.as_view(), name="review-detail"),
    path("reviews/<int:pk>/reply/", reviews.ReviewReplyView.as_view(), name="review-reply"),
    path("users/<int:pk>/reviews/", reviews.UserReviewsView.as_view(), name="user-reviews"),
    path("tasks/<int:pk>/image/", images.TaskMainImageView.as_view(), name="task-image"),
    path("tasks/<int:pk>/images/", images.TaskImagesView.as_view(), name="task-images"),
    path("tasks/<int:pk>/images/<int:image_id>/", images.TaskImageView.as_view(), name="task-image-detail"),
]
